import { setImmediate as turn } from 'node:timers/promises';
import { createTurns } from './turns.ts';

describe('turns of the event loop', () => {
  it('are given to one caller each, in the order of asking', async () => {
    const turns = createTurns();
    const gone: string[] = [];
    for (const name of ['first', 'second', 'third'])
      void turns.next().then(() => gone.push(name));
    const seen: string[][] = [];
    for (let count = 0; count < 3; count += 1) {
      await Promise.resolve();
      seen.push([...gone]);
      await turn();
    }
    expect(seen).toEqual([
      ['first'],
      ['first', 'second'],
      ['first', 'second', 'third'],
    ]);
  });

  it('are not waited for by one who asks when nobody else did', async () => {
    const turns = createTurns();
    await turns.next();
    await turn();
    let isGone = false;
    void turns.next().then(() => (isGone = true));
    await Promise.resolve();
    expect(isGone).toBe(true);
  });
});
