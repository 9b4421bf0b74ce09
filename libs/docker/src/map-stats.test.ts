import { mapStats } from './map-stats.ts';

const reading = {
  read: '2026-01-02T03:04:05.678901234Z',
  cpu_stats: { cpu_usage: { total_usage: 42 } },
  memory_stats: { usage: 1_000 },
  pids_stats: { current: 7 },
  networks: {
    eth0: { rx_bytes: 1, tx_bytes: 2 },
    eth1: { rx_bytes: 30, tx_bytes: 40 },
  },
};

test('bytes of all network cards are summed', () => {
  expect(mapStats(reading)).toEqual({
    at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    cpuNanos: 42,
    networkBytes: 73,
    memoryBytes: 1_000,
    processes: 7,
  });
});

test.each([
  ['cgroup version 1', { total_inactive_file: 300, inactive_file: 9 }, 700],
  ['cgroup version 2', { inactive_file: 200 }, 800],
  ['a kernel that tells the cache alone', { cache: 100 }, 900],
  ['a cache larger than the usage', { cache: 5_000 }, 0],
])('memory leaves out the page cache on %s', (_case, stats, expected) => {
  const memory_stats = { usage: 1_000, stats };
  expect(mapStats({ ...reading, memory_stats })?.memoryBytes).toBe(expected);
});

/** What Engine 26.1.5 told of a sandbox that held 50 MB and had written 60 MB and read Node's binary (version 1). */
const RECORDED_V1 = {
  usage: 216829952,
  max_usage: 217182208,
  stats: {
    active_anon: 8192,
    active_file: 475136,
    cache: 155070464,
    hierarchical_memory_limit: 268435456,
    hierarchical_memsw_limit: 268435456,
    inactive_anon: 58478592,
    inactive_file: 154517504,
    mapped_file: 31858688,
    rss: 58486784,
    total_active_anon: 8192,
    total_active_file: 475136,
    total_cache: 155070464,
    total_inactive_anon: 58478592,
    total_inactive_file: 154517504,
    total_mapped_file: 31858688,
    total_rss: 58486784,
  },
  limit: 268435456,
};
/** The same work in the words of version 2: other names, no totals, no highest use. */
const SAME_V2 = {
  usage: 216829952,
  stats: {
    active_anon: 8192,
    active_file: 475136,
    anon: 58486784,
    file: 155070464,
    file_mapped: 31858688,
    inactive_anon: 58478592,
    inactive_file: 154517504,
    kernel_stack: 131072,
    shmem: 0,
    slab: 3141632,
    slab_reclaimable: 2617344,
    slab_unreclaimable: 524288,
  },
  limit: 268435456,
};

test.each([
  ['1', RECORDED_V1],
  ['2', SAME_V2],
])(
  'what a sandbox holds is told by cgroup version %s: an emergency goes by it',
  (_version, memory_stats) => {
    const { memoryBytes } = mapStats({ ...reading, memory_stats }) ?? {};
    expect(memoryBytes).toBe(62312448);
  },
);

test('a container without network has moved no bytes', () => {
  expect(mapStats({ ...reading, networks: undefined })?.networkBytes).toBe(0);
});

test('the zero time of a stopped container is no reading', () => {
  const stopped = {
    ...reading,
    read: '0001-01-01T00:00:00Z',
    memory_stats: {},
    pids_stats: {},
  };
  expect(mapStats(stopped)).toBeUndefined();
});
