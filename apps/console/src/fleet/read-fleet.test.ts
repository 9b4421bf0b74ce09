import type { Listed } from './read-fleet.ts';
import { MOST_LOOKED_AT, PAGE, readFleet } from './read-fleet.ts';

const one = (index: number): Listed => ({
  id: `ID${index}`,
  name: `box ${index}`,
  status: 'running',
  status_reason: '',
  image: 'sandboxed/sandbox',
  ports: [3000],
  preview_urls: {},
  visibility: 'public',
  wake: 'on_request',
  labels: { team: index % 2 === 0 ? 'web' : 'data' },
  limits: { memory_mb: 2048, cpus: 2, pids: 1024, disk_mb: 10_240 },
  idle_policy: 'sleep',
  idle_timeout_seconds: 300,
  egress: 'open',
  external: {},
  env_names: [],
  created_at: '2026-11-29T06:00:00Z',
  updated_at: '2026-11-29T06:00:00Z',
  last_active_at: '2026-11-29T06:00:00Z',
});

function installation(size: number) {
  const asked: unknown[] = [];
  return {
    asked,
    read(query: { readonly cursor?: string }) {
      asked.push(query);
      const from = Number(query.cursor ?? 0);
      const to = Math.min(from + PAGE, size);
      return Promise.resolve({
        items: Array.from({ length: to - from }, (_, at) => one(from + at)),
        next_cursor: to < size ? String(to) : null,
      });
    },
  };
}

const all = { status: undefined, text: '' };

it('reads one page where that is enough, and says that there are more', async () => {
  const { read, asked } = installation(500);
  const fleet = await readFleet(read, all, 200);
  expect([fleet.items.length, fleet.hasMore, fleet.lookedAt]).toEqual([
    200,
    true,
    undefined,
  ]);
  expect(asked).toEqual([{ limit: PAGE }]);
});

it('goes on to the end when more are wanted', async () => {
  const { read } = installation(500);
  const fleet = await readFleet(read, all, 600);
  expect([fleet.items.length, fleet.hasMore, fleet.lookedAt]).toEqual([
    500,
    false,
    undefined,
  ]);
});

it('looks for all words, in names, ids and labels, on later pages too', async () => {
  const { read } = installation(500);
  const text = ' BOX team:data 49';
  const { items } = await readFleet(read, { ...all, text }, 200);
  expect(items.map(({ id }) => id)).toEqual([
    'ID49',
    'ID149',
    'ID249',
    'ID349',
    'ID449',
    'ID491',
    'ID493',
    'ID495',
    'ID497',
    'ID499',
  ]);
});

it('gives up a search of very many, and says how far it came', async () => {
  const { read, asked } = installation(5_000);
  const fleet = await readFleet(read, { ...all, text: 'nowhere' }, 200);
  expect(fleet).toEqual({
    items: [],
    hasMore: false,
    lookedAt: MOST_LOOKED_AT,
  });
  expect(asked).toHaveLength(MOST_LOOKED_AT / PAGE);
});

it('has the installation look for a state', async () => {
  const { read, asked } = installation(1);
  await readFleet(read, { ...all, status: 'stopped' }, 200);
  expect(asked).toEqual([{ limit: PAGE, status: 'stopped' }]);
});
