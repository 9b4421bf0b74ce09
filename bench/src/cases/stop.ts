import type { Case } from '../case.ts';
import { answering } from '../client.ts';
import { pairs, timed } from '../pairs.ts';

export const stop: Case = {
  name: 'stop',
  path: 'stop, with an app running',
  bound: { kind: 'ratio', most: 1.2 },
  short: true,
  async run({ client, raw, create, extent }) {
    const id = await create();
    await client.serve(id);
    const container = await raw.serve();
    await client.stop(id);
    await container.stop();
    const figures = await pairs({
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
    await container.remove();
    await client.purge(id);
    return figures;
  },
};
