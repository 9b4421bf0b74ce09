import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from './operation.ts';
import { nextOperation } from './operation.ts';
import { file } from './operations/files.ts';
import { changeLife, create, serve, small } from './operations/sandboxes.ts';
import { follow, watch } from './operations/streams.ts';
import { wake } from './operations/wake.ts';
import { cancel, exec, revert, task } from './operations/work.ts';
import { createRandom } from './random.ts';
import type { Session } from './session.ts';

/** One client, which does one thing after another while it is told to work. */
export interface Client {
  /** Begins one operation and resolves when it is over. */
  step(): Promise<void>;
}

export function createClient(
  session: Session,
  seed: number,
  name: string,
): Client {
  const random = createRandom(seed, name);
  let serial = 0;
  return {
    async step() {
      serial += 1;
      const operation = nextOperation(random, name, serial);
      await perform(session, operation);
      if (!session.isQuiet()) await pause(operation.pauseMs);
    },
  };
}

/** What falls on an empty slot fills it, and half of what falls on a deleted sandbox brings that back. */
async function perform(session: Session, operation: Operation): Promise<void> {
  const subject = session.slots[operation.slot];
  if (
    subject === undefined ||
    (subject.exists !== 'yes' && operation.dice[3] < 0.5)
  ) {
    await create(session, { ...operation, kind: 'create' });
    return;
  }
  switch (operation.kind) {
    case 'create':
      await create(session, operation);
      return;
    case 'exec':
    case 'exec_waited':
    case 'background':
      await exec(session, operation, subject);
      return;
    case 'task':
      await task(session, operation, subject);
      return;
    case 'stop':
    case 'start':
    case 'delete':
    case 'purge':
      await changeLife(session, operation, subject);
      return;
    case 'wake':
      await wake(session, operation, subject);
      return;
    case 'put':
    case 'get':
    case 'move':
    case 'unlink':
      await file(session, operation, subject);
      return;
    case 'cancel':
      await cancel(session, operation, subject);
      return;
    case 'follow':
      await follow(session, operation, subject);
      return;
    case 'watch':
      await watch(session, operation, subject);
      return;
    case 'keepalive':
    case 'limits':
    case 'list':
      await small(session, operation, subject);
      return;
    case 'service':
      await serve(session, operation, subject);
      return;
    case 'revert':
      await revert(session, operation, subject);
      return;
  }
}
