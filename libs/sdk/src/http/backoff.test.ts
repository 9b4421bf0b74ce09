import { backoffMs, pause, retryAfter } from './backoff.ts';

it('waits longer from try to try, never for long, and never twice the same', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 30].map((attempt) =>
    backoffMs(attempt, undefined, 0.999_999),
  );
  expect(longest.map((ms) => Math.round(ms ?? 0))).toEqual([
    200, 400, 800, 1600, 3200, 6400, 8000, 8000,
  ]);
  expect(backoffMs(3, undefined, 0)).toBe(400);
});

it('heeds what the server asks for, up to a minute', () => {
  expect(backoffMs(1, 2, 0)).toBe(2_000);
  expect(backoffMs(1, 61, 0)).toBeUndefined();
});

it('reads Retry-After in seconds and as a date', () => {
  const now = Date.parse('2026-11-28T09:30:00Z');
  expect(retryAfter('7', now)).toBe(7);
  expect(retryAfter('Sat, 28 Nov 2026 09:30:05 GMT', now)).toBe(5);
  expect(retryAfter('Sat, 28 Nov 2026 09:29:00 GMT', now)).toBe(0);
  expect(retryAfter('soon', now)).toBeUndefined();
  expect(retryAfter(null, now)).toBeUndefined();
});

it('does not begin a pause that is over', async () => {
  const why = new Error('enough');
  await expect(pause(60_000, AbortSignal.abort(why))).rejects.toBe(why);
});
