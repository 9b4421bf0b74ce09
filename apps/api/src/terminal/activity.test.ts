import type { ApiDeps } from '../http/route.ts';
import { sandboxIdSchema } from '@sandboxed/domain';
import { createActivity } from './activity.ts';

const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');

/** Times of touches when something happens every 100 ms for a minute. */
function touches(idleSeconds: number, isDown = false): readonly number[] {
  let at = 0;
  const touched: number[] = [];
  const warn = jest.fn();
  const store = {
    sandboxes: {
      get: () => {
        if (isDown) throw new Error('locked');
        return { idle_timeout_seconds: idleSeconds };
      },
      touch: () => touched.push(at),
    },
  };
  const active = createActivity(
    {
      store: store as unknown as ApiDeps['store'],
      logger: { warn } as unknown as ApiDeps['logger'],
      now: () => at,
    },
    ID,
    () => at,
  );
  for (; at < 60_000; at += 100) active();
  if (isDown) expect(warn).toHaveBeenCalledTimes(4);
  return touched;
}

it('is written down at once, then every 15 s', () => {
  expect(touches(2_100)).toEqual([0, 15_000, 30_000, 45_000]);
});

it('is written down so often that a sandbox which sleeps sooner does not', () => {
  const times = touches(6);
  expect(times.slice(0, 3)).toEqual([0, 2_000, 4_000]);
  expect(times).toHaveLength(30);
});

it('breaks nothing when it cannot be written down', () => {
  expect(touches(2_100, true)).toEqual([]);
});
