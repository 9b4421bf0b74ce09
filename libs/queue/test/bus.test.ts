import { createBus } from '@sandboxed/queue';
import type { Bus } from '@sandboxed/queue';
import type { JobId, Nudge } from '@sandboxed/domain';
import {
  cleanUp,
  closing,
  freshRedis,
  newJobId,
  PREFIX,
  until,
} from './support.ts';

afterEach(cleanUp);

function bus(redisUrl: string, errors: string[] = []): Bus {
  return closing(
    createBus({
      redisUrl,
      prefix: PREFIX,
      onError: (error) => errors.push(error.message),
    }),
  );
}

/** Resolves when the subscription stands. */
async function subscribed(listening: Bus, start: () => void): Promise<void> {
  let stands = false;
  listening.onReconnect(() => {
    stands = true;
  });
  start();
  await until(() => stands);
}

const nudge = (seq: number): Nudge => ({
  seq,
  sandbox_id: newJobId(),
  job_id: null,
});

test('nudges and cancels reach the other side, in order', async () => {
  const redis = await freshRedis();
  const listening = bus(redis.url);
  const seen: number[] = [];
  const cancelled: JobId[] = [];
  await subscribed(listening, () => {
    listening.onNudge(({ seq }) => seen.push(seq));
  });
  await subscribed(listening, () => {
    listening.onCancel((id) => cancelled.push(id));
  });
  const speaking = bus(redis.url);
  const id = newJobId();
  const sequence = Array.from({ length: 1_200 }, (_, index) => index + 1);
  await until(() =>
    speaking.publishCancel(id).then(
      () => true,
      () => false,
    ),
  );
  await speaking.publish(sequence.map(nudge));
  await until(() => seen.length === sequence.length && cancelled.length > 0);
  expect(seen).toEqual(sequence);
  expect(cancelled).toEqual([id]);
});

test('after a restart of Redis the subscription stands again and says that something may be missed', async () => {
  const redis = await freshRedis();
  const listening = bus(redis.url);
  const speaking = bus(redis.url);
  const seen: number[] = [];
  let connects = 0;
  listening.onReconnect(() => {
    connects += 1;
  });
  listening.onNudge(({ seq }) => seen.push(seq));
  await until(() => connects === 1);

  await redis.kill();
  await expect(speaking.publish([nudge(1)])).rejects.toThrow();
  await redis.start();
  await until(() => connects === 2);
  await until(() =>
    speaking.publish([nudge(2)]).then(
      () => true,
      () => false,
    ),
  );
  await until(() => seen.includes(2));
  expect(seen).toEqual([2]);
});

test('a listener that was taken off hears nothing; what is no nudge is reported', async () => {
  const redis = await freshRedis();
  const errors: string[] = [];
  const listening = bus(redis.url, errors);
  const seen: number[] = [];
  let off = (): void => undefined;
  await subscribed(listening, () => {
    off = listening.onNudge(({ seq }) => seen.push(seq));
  });
  const speaking = redis.client();
  await speaking.publish(`${PREFIX}:events`, 'not json');
  await speaking.publish(`${PREFIX}:events`, JSON.stringify([nudge(7)]));
  await until(() => seen.length === 1 && errors.length === 1);
  off();
  let last = 0;
  listening.onNudge(({ seq }) => {
    last = seq;
  });
  await speaking.publish(`${PREFIX}:events`, JSON.stringify([nudge(8)]));
  await until(() => last === 8);
  expect(seen).toEqual([7]);
});
