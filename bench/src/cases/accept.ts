import type { Case } from '../case.ts';
import { runLoad } from '../load/run-load.ts';
import { timing } from '../statistics.ts';

const CLIENTS = 64;
const SANDBOXES = 12;
/** A mailbox takes 500 and the generator stops a little late, so that this is below what all of them take. */
const MOST_REQUESTS = SANDBOXES * 500 - 1_000;
const NO_ANSWER = '0';

/**
 * The job is an exec of `true` in sandboxes that run: the one that clients send most, and one that is offered, claimed and done
 * meanwhile. So the rate is that of a host which also does the work, and runs the generator.
 */
export const accept: Case = {
  name: 'accept',
  path: `accept a job, ${CLIENTS} clients`,
  bound: { kind: 'rate', leastPerSecond: 1_000, p99Ms: 100 },
  short: true,
  async run({ client, create, extent }) {
    const ids: string[] = [];
    for (let index = 0; index < SANDBOXES; index += 1) ids.push(await create());
    const load = await runLoad({
      ...{ url: client.api, clients: CLIENTS, seconds: extent.loadSeconds },
      ...{ requests: MOST_REQUESTS, headers: client.headers },
      posts: ids.map((id) => ({
        path: `/sandbox/${id}/exec`,
        body: JSON.stringify({ cmd: ['true'] }),
      })),
    });
    const failed = Object.values(load.failures).reduce((a, b) => a + b, 0);
    await client.settled();
    for (const id of ids) await client.purge(id);
    return {
      ...{ attempts: load.timesMs.length + failed, failed },
      failures: Object.entries(load.failures).map(
        ([status, count]) =>
          `${count} × ${status === NO_ANSWER ? 'no answer' : status}`,
      ),
      ours: timing(load.timesMs),
      perSecond: load.timesMs.length / load.seconds,
      note: `the generator took ${(load.cpuShare * 100).toFixed(0)} % of a core`,
    };
  },
};
