import { setTimeout as pause } from 'node:timers/promises';
import type { Operation, OperationKind } from './operation.ts';
import { nextOperation } from './operation.ts';
import { get, move, put, unlink } from './operations/files.ts';
import {
  keepalive,
  limits,
  list,
  purge,
  remove,
  start,
  stop,
} from './operations/life.ts';
import { create, serve } from './operations/sandboxes.ts';
import { follow, watch } from './operations/streams.ts';
import { wake } from './operations/wake.ts';
import { cancel, exec, revert, task } from './operations/work.ts';
import { createRandom } from './random.ts';
import type { Subject } from './record.ts';
import type { Session } from './session.ts';

/** One client, which does one thing after another while it is told to work. */
export interface Client {
  /** Begins one operation and resolves when it is over. */
  step(): Promise<void>;
}

const PERFORM: Readonly<
  Record<
    OperationKind,
    (session: Session, operation: Operation, subject: Subject) => Promise<void>
  >
> = {
  create,
  exec,
  exec_waited: exec,
  background: exec,
  task,
  stop,
  start,
  wake,
  put,
  get,
  move,
  unlink,
  delete: remove,
  purge,
  cancel,
  follow,
  watch,
  keepalive,
  limits,
  list,
  service: serve,
  revert,
};

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
  )
    await create(session, { ...operation, kind: 'create' });
  else await PERFORM[operation.kind](session, operation, subject);
}
