import { seeded } from '../faults/seeded.ts';

/** One stream of choices. The same seed and name give the same choices, whatever other streams do. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

export function createRandom(seed: number, name: string): Random {
  let mixed = seed >>> 0;
  for (const character of name)
    mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const next = seeded(mixed);
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: (choices) =>
      choices[Math.floor(next() * choices.length)] ?? choices[0],
    weighted(weights) {
      const entries = Object.entries(weights) as [
        keyof typeof weights,
        number,
      ][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new Error('nothing to choose from');
    },
  };
}
