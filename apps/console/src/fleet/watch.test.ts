import type { Listed } from './read-fleet.ts';
import { createWatch, MOST_SAMPLES } from './watch.ts';

function box(
  status: Listed['status'],
  sampledAt?: number,
  id = 'ID1',
  name = 'web',
): Listed {
  return {
    ...{ id, name, status, status_reason: '', image: 'i', ports: [] },
    ...{ preview_urls: {}, visibility: 'public', wake: 'manual', labels: {} },
    limits: { memory_mb: 1, cpus: 1, pids: 1, disk_mb: 1 },
    ...{ idle_policy: 'sleep', idle_timeout_seconds: 1, egress: 'open' },
    ...{ external: {}, env_names: [], created_at: '', updated_at: '' },
    last_active_at: '',
    ...(sampledAt !== undefined && {
      figures: {
        memory_bytes: sampledAt * 1_048_576,
        cpu_percent: 7,
        processes: 1,
        sampled_at: String(sampledAt),
      },
    }),
  };
}

it('says nothing of a first look, nor of one that saw the same', () => {
  const watch = createWatch();
  expect(watch.see([box('running')], 'all')).toBeUndefined();
  expect(watch.see([box('running')], 'all')).toBeUndefined();
});

it('says what became of whom, and of many how many', () => {
  const watch = createWatch();
  watch.see([box('running')], 'all');
  expect(
    watch.see([box('error'), box('creating', undefined, 'ID2', 'db')], 'all'),
  ).toBe('web is in error. db is creating.');
  const many = [3, 4, 5, 6].map((n) => box('running', undefined, `ID${n}`));
  expect(watch.see(many, 'all')).toBe('4 sandboxes changed.');
});

it('keeps each sample once, and the last ones of one that runs alone', () => {
  const watch = createWatch();
  for (let at = 1; at <= MOST_SAMPLES + 5; at += 1) {
    watch.see([box('running', at)], 'all');
    watch.see([box('running', at)], 'all');
  }
  const samples = watch.samples('ID1');
  expect(samples).toHaveLength(MOST_SAMPLES);
  expect(samples.at(-1)).toEqual({ at: '35', memoryMb: 35, cpuPercent: 7 });
  watch.see([box('stopped')], 'all');
  expect(watch.samples('ID1')).toEqual([]);
});

it('takes for no change what a filter hides or shows, and remembers its samples', () => {
  const watch = createWatch();
  const both = [box('running', 1), box('running', 1, 'ID2', 'db')];
  watch.see(both, 'all');
  expect(watch.see(both.slice(1), 'db')).toBeUndefined();
  expect(watch.see(both, 'all')).toBeUndefined();
  expect(watch.samples('ID1')).toHaveLength(1);
});

it('forgets those that it saw longest ago when they get many', () => {
  const watch = createWatch();
  watch.see([box('running', 1)], 'all');
  const many = Array.from({ length: 2_000 }, (_, at) =>
    box('running', 1, `OTHER${at}`),
  );
  watch.see(many, 'all');
  expect(watch.samples('ID1')).toEqual([]);
  expect(watch.samples('OTHER0')).toHaveLength(1);
});
