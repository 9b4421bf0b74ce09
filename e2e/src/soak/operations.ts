import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Client } from './client.ts';

/** Sandboxes that operations go to: some that stay up, one that is stopped and woken. */
export interface Cast {
  readonly awake: readonly string[];
  readonly sleeper: string;
}

/** What operations are made with; `random` is in [0, 1), `index` is of its own for each. */
export interface Turn {
  readonly client: Client;
  readonly cast: Cast;
  readonly random: () => number;
  readonly index: number;
}

type Operation = (turn: Turn, id: string) => Promise<unknown>;

const jobSchema = z.looseObject({ job_id: z.string() });

const exec: Operation = ({ client, index }, id) =>
  client.call(`POST /sandbox/${id}/exec?wait=60`, 200, {
    shell: `echo ${index}; echo error >&2`,
  });

/** Of one sandbox, so that what it keeps of them is at its bound after the first round. */
const background: Operation = ({ client, cast }) =>
  client.call(`POST /sandbox/${cast.awake[0] ?? ''}/exec?wait=60`, 200, {
    shell: 'echo background',
    background: true,
  });

const write: Operation = ({ client, index }, id) =>
  client.call(`PUT /v1/sandboxes/${id}/files`, 200, {
    path: `soak/${index % 20}.txt`,
    content: 'x'.repeat(index % 2_000),
  });

const read: Operation = ({ client }, id) =>
  client.call(`GET /v1/sandboxes/${id}/files/content?path=index.html`, 200);

const stream: Operation = async ({ client, random }, id) => {
  if (random() < 0.3)
    return client.drop(`/sandbox/${id}/events`, 1 + Math.floor(random() * 3));
  const { job_id } = jobSchema.parse(
    await client.call(`POST /sandbox/${id}/exec`, 202, { shell: 'echo hi' }),
  );
  return client.drop(`/v1/jobs/${job_id}/events`, 1 + Math.floor(random() * 5));
};

const cancel: Operation = async ({ client }, id) => {
  const { job_id } = jobSchema.parse(
    await client.call(`POST /sandbox/${id}/exec`, 202, { shell: 'sleep 60' }),
  );
  await client.call(`POST /v1/jobs/${job_id}/cancel`, 202);
  return client.call(`GET /v1/jobs/${job_id}?wait=30`, 200);
};

const repeat: Operation = async ({ client, index }, id) => {
  const key = { 'idempotency-key': `soak-${index}` };
  for (let time = 0; time < 2; time += 1)
    await client.call(
      `POST /sandbox/${id}/exec?wait=60`,
      200,
      { shell: 'echo once' },
      key,
    );
};

const createAndPurge: Operation = async ({ client }) => {
  const { id } = z
    .looseObject({ id: z.string() })
    .parse(await client.call('POST /sandbox?wait=60', 201, {}));
  await client.call(`POST /sandbox/${id}/exec?wait=60`, 200, { shell: 'true' });
  await client.call(`POST /sandbox/${id}/purge?wait=60`, 200);
};

const sleepAndWake: Operation = async ({ client, cast }) => {
  await client.call(`POST /v1/sandboxes/${cast.sleeper}/stop?wait=60`, 200, {
    force: true,
  });
  // On a busy host the edge is late to read that the gate is shut.
  for (let tries = 5; ; tries -= 1)
    try {
      await client.preview(cast.sleeper);
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await pause(1_000);
    }
};

/** Weights of what is drawn at random. */
const MIX: readonly (readonly [number, Operation])[] = [
  [14, exec],
  [5, background],
  [18, write],
  [18, read],
  [8, stream],
  [
    5,
    ({ client }, id) =>
      client.call(`POST /v1/sandboxes/${id}/keepalive`, 200, { seconds: 600 }),
  ],
  [9, ({ client }, id) => client.preview(id)],
  [6, ({ client }) => client.call('GET /sandboxes?limit=50', 200)],
  [4, ({ client }, id) => client.call(`GET /sandbox/${id}`, 200)],
  [2, cancel],
  [4, repeat],
];
const TOTAL = MIX.reduce((sum, [weight]) => sum + weight, 0);

/** One operation: at fixed turns those that take long, else one drawn at random. */
export async function operate(turn: Turn): Promise<void> {
  const { cast, random, index } = turn;
  const id = cast.awake[Math.floor(random() * cast.awake.length)] ?? '';
  if (index % 500 === 100) await createAndPurge(turn, id);
  else if (index % 500 === 350) await sleepAndWake(turn, id);
  else {
    let drawn = random() * TOTAL;
    const [, chosen = exec] =
      MIX.find(([weight]) => (drawn -= weight) < 0) ?? [];
    await chosen(turn, id);
  }
}
