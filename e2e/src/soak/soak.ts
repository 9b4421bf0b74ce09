import type { OwnStack } from '../own-stack/own-stack.ts';
import { z } from 'zod';
import { createClient } from './client.ts';
import type { Figures } from './figures.ts';
import { readFigures } from './figures.ts';
import type { Cast } from './operations.ts';
import { operate } from './operations.ts';
import { seeded } from '../faults/seeded.ts';

/** Operations under way at once. */
const LANES = 16;
/** What is only in use for a while goes within this time: connections that are kept for the next call, above all. Milliseconds. */
const SETTLE_MS = 12_000;
const SAMPLE_EVERY_MS = 1_000;

const createdSchema = z.looseObject({ id: z.string() });

/** Operations against a stack, in rounds, with the figures after each. */
export interface Soak {
  /** Rejects with the first operation that did not do what it should. */
  round(operations: number): Promise<void>;
  /** The lowest of each figure while nothing is asked of the stack. */
  measure(): Promise<Figures>;
}

/** Makes the sandboxes that it works on. */
export async function prepareSoak(
  stack: OwnStack,
  seed: number,
): Promise<Soak> {
  const client = createClient(stack);
  const random = seeded(seed);
  const make = async (): Promise<string> => {
    const { id } = createdSchema.parse(
      await client.call('POST /sandbox?wait=60', 201, { template: 'static' }),
    );
    await client.preview(id);
    return id;
  };
  const cast: Cast = {
    awake: [await make(), await make(), await make()],
    sleeper: await make(),
  };
  let index = 0;

  async function lane(until: number): Promise<void> {
    while (index < until) {
      index += 1;
      await operate({ client, cast, random, index });
    }
  }

  return {
    async round(operations) {
      const until = index + operations;
      await Promise.all(Array.from({ length: LANES }, () => lane(until)));
    },
    async measure() {
      const lowest: Record<string, number> = {};
      const deadline = performance.now() + SETTLE_MS;
      while (performance.now() < deadline) {
        const figures = await readFigures(stack, cast.awake);
        for (const [name, value] of Object.entries(figures))
          lowest[name] = Math.min(lowest[name] ?? Infinity, value);
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
      }
      return lowest;
    },
  };
}
