/** Fields whose keys are data, such as names of variables: they are left as they are. */
const VERBATIM = [
  'env',
  'labels',
  'preview_urls',
  'phases',
  'previews',
] as const;
type Verbatim = (typeof VERBATIM)[number];

type CamelKey<S extends string> = S extends `${infer A}_${infer B}`
  ? `${A}${Capitalize<CamelKey<B>>}`
  : S;

/** What the API sends, with names as they are written in TypeScript: `created_at` is `createdAt`. */
export type Camel<T> = unknown extends T
  ? T
  : T extends readonly (infer I)[]
    ? readonly Camel<I>[]
    : T extends object
      ? {
          [
            K in keyof T as K extends string ? CamelKey<K> : K
          ]: K extends Verbatim ? T[K] : Camel<T[K]>;
        }
      : T;

/** Renames the keys of what the API sent. */
export function toCamel<T>(value: T): Camel<T> {
  // The type says of each key what `renamed` does to it.
  return renamed(value, camelKey) as Camel<T>;
}

/** Renames the keys of what is sent to the API: the way back of {@link toCamel}. */
export function fromCamel<T>(value: Camel<T>): T {
  return renamed(value, snakeKey) as T;
}

const isVerbatim = (key: string): boolean =>
  VERBATIM.some((name) => name === key || camelKey(name) === key);

const camelKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const snakeKey = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      rename(key),
      isVerbatim(key) ? inner : renamed(inner, rename),
    ]),
  );
}
