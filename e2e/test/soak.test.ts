import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { grown, HISTORY_MAX_MB } from '../src/soak/bounds.ts';
import type { Figures } from '../src/soak/figures.ts';
import { prepareSoak } from '../src/soak/soak.ts';

const ROUNDS = 4;
const OPERATIONS = 5_000;
/** Beyond the minute that is never trimmed. Milliseconds. */
const LATER_MS = 90_000;

const HEAP_MB = 160;

let stack: OwnStack | undefined;

afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

it('lets nothing grow over 20,000 operations', async () => {
  const mine = await startOwnStack({
    env: {
      SANDBOXED_HISTORY_MAX_MB: String(HISTORY_MAX_MB),
      SANDBOXED_LOG_LEVEL: 'warn',
      // Garbage is collected before it looks like growth.
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
    },
  });
  stack = mine;
  const soak = await prepareSoak(mine, 1);
  const figures: Figures[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await soak.round(OPERATIONS);
    await mine.shiftClock(round * LATER_MS);
    figures.push(await soak.measure());
  }
  expect(grown(figures)).toEqual([]);
  expect(mine.exits).toEqual([]);
  // What Node says of listeners that nobody takes off again.
  for (const name of mine.children.keys())
    expect(await mine.log(name, 10_000)).not.toContain('MaxListeners');
}, 900_000);
