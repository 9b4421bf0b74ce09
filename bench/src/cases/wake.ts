import type { Case } from '../case.ts';
import { answering } from '../client.ts';
import { pairs, timed } from '../pairs.ts';
import { besideServer } from './beside-server.ts';

/** One request to a sandbox that sleeps, held until its app answers; by hand a start, and asking every 10 ms. */
export const wake: Case = {
  name: 'wake',
  path: 'wake: request to the app’s own 200',
  bound: { kind: 'ratio', most: 1.3 },
  short: true,
  run: (bench) =>
    besideServer(bench, async (id, container) => {
      const { client, extent } = bench;
      return pairs({
        ...{ n: extent.starts, warmUp: 1 },
        async ours() {
          await client.stop(id);
          return timed(async () => {
            const { status, text } = await client.preview(id);
            // A single request: one that had to be sent again would be a fault.
            if (status !== 200 || text !== 'ok')
              throw new Error(`${status} ${text.slice(0, 100)}`);
          });
        },
        async raw() {
          await container.stop();
          return timed(async () => {
            await container.start();
            await answering(container.ask);
          });
        },
      });
    }),
};
