import type { Case } from '../case.ts';
import { pairs, timed } from '../pairs.ts';

export const exec: Case = {
  name: 'exec',
  path: 'exec `true`, waited for',
  bound: { kind: 'ratio', most: 0.25 },
  short: true,
  async run({ client, raw, create, extent }) {
    const id = await create();
    const container = await raw.create();
    const figures = await pairs({
      ...{ n: extent.quick, warmUp: 5 },
      ours: () => timed(() => client.exec(id, ['true'])),
      raw: () => timed(() => container.exec(['true'])),
    });
    await container.remove();
    await client.purge(id);
    return figures;
  },
};
