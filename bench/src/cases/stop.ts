import type { Case } from '../case.ts';
import { answering } from '../client.ts';
import { pairs, timed } from '../pairs.ts';
import { besideServer } from './beside-server.ts';

export const stop: Case = {
  name: 'stop',
  path: 'stop, with an app running',
  bound: { kind: 'ratio', most: 1.2 },
  short: true,
  run: (bench) =>
    besideServer(bench, async (id, container) => {
      const { client, extent } = bench;
      await client.stop(id);
      await container.stop();
      return pairs({
        ...{ n: extent.starts, warmUp: 1 },
        async ours() {
          await client.start(id);
          await answering(() => client.preview(id));
          return timed(() => client.stop(id));
        },
        async raw() {
          await container.start();
          await answering(container.ask);
          return timed(() => container.stop());
        },
      });
    }),
};
