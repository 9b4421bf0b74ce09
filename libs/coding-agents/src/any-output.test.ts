import fc from 'fast-check';
import { AGENT_NAMES, EVENTS } from '@sandboxed/domain';
import type { Piece } from '../test/fixtures.ts';
import { FIXTURES, readPieces } from '../test/fixtures.ts';
import { CODING_AGENTS } from './index.ts';

/** Lines that programs really print, as values. */
const LINES: readonly unknown[] = FIXTURES.flatMap(({ pieces }) =>
  pieces.flatMap(({ text }) =>
    text.split('\n').flatMap((line): unknown[] => {
      try {
        const value: unknown = JSON.parse(line);
        return [value];
      } catch {
        return [];
      }
    }),
  ),
);

/** The value with one of its parts, at any depth, replaced. */
function spoil(value: unknown, path: readonly number[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== 'object' || value === null)
    return by;
  const entries: [string, unknown][] = Object.entries(value);
  const at = first % Math.max(1, entries.length);
  const changed = entries.map(([key, part], index): [string, unknown] => [
    key,
    index === at ? spoil(part, rest, by) : part,
  ]);
  return Array.isArray(value)
    ? changed.map(([, part]) => part)
    : Object.fromEntries(changed);
}

const parts = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, -1, 1e308, 0.5, '', '\ud800', '__proto__', [], {}],
    ...[Number.MAX_SAFE_INTEGER, 'x'.repeat(10_000), [[]], { type: 'text' }],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const spoilt = fc
  .tuple(
    fc.nat(LINES.length - 1),
    fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
    parts,
  )
  .map(([at, path, by]) => JSON.stringify(spoil(LINES[at], path, by)));
const bytes = fc
  .uint8Array({ maxLength: 200 })
  .map((raw) => Buffer.from(raw).toString('utf8'));
const outputs = fc
  .array(fc.oneof({ weight: 4, arbitrary: spoilt }, bytes), { maxLength: 12 })
  .map((lines) => lines.join('\n'));

/** Every text in a value, at any depth. */
function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

describe.each([...AGENT_NAMES])('%s', (agent) => {
  const readAll = (pieces: readonly Piece[]) =>
    readPieces(CODING_AGENTS[agent].read(undefined), pieces, {
      exitCode: 0,
      signal: undefined,
    });

  it('reads whatever its program prints as events that can be kept, the same however it is cut', () => {
    fc.assert(
      fc.property(
        outputs,
        fc.constantFrom('stdout' as const, 'stderr' as const),
        fc.array(fc.nat(), { maxLength: 12 }),
        (text, stream, places) => {
          const whole = readAll([{ stream, text }]);
          for (const { type, data } of whole.events) EVENTS[type].parse(data);
          for (const text of stringsIn(whole))
            expect(text).toBe(text.toWellFormed());
          expect(whole.events.length).toBeLessThan(1_000);
          const ends = places
            .map((place) => place % (text.length + 1))
            .sort((a, b) => a - b);
          const pieces = [...ends, text.length].map((end, index) => ({
            stream,
            text: text.slice(ends[index - 1] ?? 0, end),
          }));
          expect(readAll(pieces)).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });
});
