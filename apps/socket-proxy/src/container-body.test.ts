import fc from 'fast-check';
import { attacks, changed } from '../test/attacks.ts';
import { newId, validBody } from '../test/valid-body.ts';
import { containerBodySchema } from './container-body.ts';
import type { Place } from './place.ts';

const place: Place = {
  instance: 'sandboxed',
  dataDir: '/var/lib/sandboxed',
  runtime: 'runc',
  bridgePrefix: 'sbxd',
};
const id = newId();
const body = validBody(place, id);
const schema = containerBodySchema(place, `s-${id.toLowerCase()}`);
const isAllowed = (value: unknown): boolean => schema.safeParse(value).success;

test('what a worker sends is let through unchanged', () => {
  expect(schema.parse(body)).toEqual(body);
});

test.each(attacks(place, id))('refused: %s', (_name, path, value) => {
  expect(isAllowed(changed(body, path, value))).toBe(false);
});

test('a body for one name is refused under another', () => {
  const other = containerBodySchema(place, 'sandboxed-redis-1');
  expect(other.safeParse(body).success).toBe(false);
  const renamed = changed(body, ['Hostname'], 'sandboxed-redis-1');
  expect(other.safeParse(renamed).success).toBe(false);
});

/** Every object inside the body, as a path. */
function objects(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return [
    ...(Array.isArray(value) ? [] : [[...path]]),
    ...Object.entries(value).flatMap(([key, inner]) =>
      objects(inner, [...path, key]),
    ),
  ];
}

test('no field that workers do not send gets through, wherever it is put', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...objects(body)),
      fc.string({ minLength: 1 }),
      fc.jsonValue(),
      (path, key, value) => {
        const parent = path.reduce<unknown>(
          (at, part) => Reflect.get(Object(at) as object, part),
          body,
        );
        fc.pre(!Object.hasOwn(Object(parent) as object, key));
        // A second directory in memory is one that a worker may send.
        fc.pre(key !== '/var/tmp');
        const parsed = schema.safeParse(changed(body, [...path, key], value));
        expect(parsed.success ? parsed.data : body).toEqual(body);
      },
    ),
    { numRuns: 2_000 },
  );
});
