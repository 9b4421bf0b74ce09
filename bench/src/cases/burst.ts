import type { Case } from '../case.ts';
import { timed } from '../pairs.ts';
import type { RawContainer } from '../raw.ts';
import { timing } from '../statistics.ts';

/** So many creates at once until all run, against as many by hand, one after the other. */
export const burst: Case = {
  name: 'burst',
  path: 'burst of creates, all done',
  bound: { kind: 'ratio', most: 1.2 },
  short: false,
  async run({ client, raw, create, extent }) {
    const byHand: RawContainer[] = [];
    const rawMs = await timed(async () => {
      for (let index = 0; index < extent.many; index += 1)
        byHand.push(await raw.create());
    });
    for (const container of byHand) await container.remove();
    const ids: string[] = [];
    const failures: string[] = [];
    const oursMs = await timed(() =>
      Promise.all(
        Array.from({ length: extent.many }, () =>
          create().then(
            (id) => ids.push(id),
            (error: unknown) => failures.push(String(error)),
          ),
        ),
      ),
    );
    for (const id of ids) await client.purge(id);
    const value = oursMs / rawMs;
    return {
      ...{ attempts: extent.many, failed: failures.length },
      failures: failures.slice(0, 5),
      ...{ ours: timing([oursMs]), raw: timing([rawMs]) },
      // One of each: there is no interval to tell.
      ratio: { value, interval: [value, value] },
      note: `${extent.many} creates`,
    };
  },
};
