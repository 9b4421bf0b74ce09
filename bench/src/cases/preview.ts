import type { Case } from '../case.ts';
import type { Answer } from '../client.ts';
import { pairs, timed } from '../pairs.ts';
import { besideServer } from './beside-server.ts';

const ok = async (ask: () => Promise<Answer>): Promise<void> => {
  const { status } = await ask();
  if (status !== 200) throw new Error(`the app answered ${status}`);
};

export const preview: Case = {
  name: 'preview',
  path: 'preview through the edge, against direct',
  bound: { kind: 'plus_ms', most: 3 },
  short: true,
  run: (bench) =>
    besideServer(bench, async (id, container) => {
      const { client, extent } = bench;
      return pairs({
        ...{ n: extent.quick * 4, warmUp: 10 },
        ours: () => timed(() => ok(() => client.preview(id))),
        raw: () => timed(() => ok(container.ask)),
      });
    }),
};
