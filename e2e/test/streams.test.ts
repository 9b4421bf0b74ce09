import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { readStream } from '../src/faults/read-stream.ts';
import { seeded } from '../src/faults/seeded.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack();
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

const LINES = 120;

/** Reads a job's events and drops the connection after a random number of them, again and again, until `done`. */
async function dropping(jobId: string, random: () => number): Promise<number> {
  let after = 0;
  let drops = 0;
  for (;;) {
    let left = 1 + Math.floor(random() * 25);
    const events = await readStream(`${stack.api}/v1/jobs/${jobId}/events`, {
      after,
      enough: () => (left -= 1) <= 0,
    });
    const seqs = events.map(({ seq }) => seq);
    const ended = events.at(-1)?.type === 'done';
    clients.told.streams.push({ jobId, after, seqs, ended });
    after = seqs.at(-1) ?? after;
    if (ended) return drops;
    drops += 1;
  }
}

it.each([11, 23, 47])(
  'shows every event once to readers that drop and resume at random points, also across a killed api (seed %i)',
  async (seed) => {
    const random = seeded(seed);
    const id = await clients.create();
    const job = await clients.mark(
      id,
      `for i in $(seq ${LINES}); do echo line $i; sleep 0.04; done`,
    );
    const readers = Array.from({ length: 8 }, () => dropping(job, random));
    const kills = (async () => {
      for (let kill = 0; kill < 2; kill += 1) {
        await new Promise((resolve) =>
          setTimeout(resolve, 500 + random() * 1_500),
        );
        await stack.child('api').kill();
      }
    })();
    const drops = await Promise.all(readers);
    await kills;
    expect(Math.min(...drops)).toBeGreaterThan(0);
    const { status, result } = await clients.ended(job);
    expect(status).toBe('succeeded');
    const lines = Array.from({ length: LINES }, (_, n) => `line ${n + 1}\n`);
    expect(result).toMatchObject({ stdout: lines.join('') });
    expect(await clients.violations()).toEqual([]);
  },
  60_000,
);
