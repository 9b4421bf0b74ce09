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
