import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import type { Ask, EndedJob, Session } from '../session.ts';
import { ask, submit, waitForEnd } from '../session.ts';

const WAIT_MS = 20_000;

/** Stops it, by force or not. */
export async function stop(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  await change(session, operation, subject, 'stop', {
    method: 'POST',
    path: `/v1/sandboxes/${subject.id}/stop`,
    body: { force: operation.dice[0] < 0.5 },
  });
}

/** Starts it, by either name. */
export async function start(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const path =
    operation.dice[0] < 0.5
      ? `/wake/${subject.id}`
      : `/v1/sandboxes/${subject.id}/start`;
  await change(session, operation, subject, 'start', { method: 'POST', path });
}

/** Deletes it; its workspace stays, and the same id can be made again. */
export async function remove(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  goes(subject);
  await change(session, operation, subject, 'delete', {
    method: 'DELETE',
    path: `/sandbox/${subject.id}`,
  });
}

/** Purges it. Half of what is gone leaves the pool, the other half is made again under its id. */
export async function purge(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  goes(subject);
  subject.isPurged = true;
  subject.isDisturbed = true;
  subject.isEquipped = false;
  subject.files.clear();
  const job = await change(session, operation, subject, 'purge', {
    method: 'POST',
    path: `/sandbox/${subject.id}/purge`,
  });
  const { slot, dice } = operation;
  if (job?.status === 'succeeded' && dice[2] < 0.5)
    if (session.slots[slot] === subject) session.slots[slot] = undefined;
}

function goes(subject: Subject): void {
  subject.exists = 'maybe';
  subject.removals += 1;
  subject.isServing = false;
}

/** Asks for it and mostly waits; now and then the client hangs up. */
async function change(
  session: Session,
  operation: Operation,
  subject: Subject,
  kind: string,
  asked: Ask,
): Promise<EndedJob | undefined> {
  const { dice, client, serial } = operation;
  const submitted = await submit(session, operation, kind, {
    ...asked,
    ...(asked.method === 'POST' && { key: `${client}-${serial}` }),
    hangUpMs: dice[1] > 0.92 ? 5 + dice[2] * 200 : undefined,
    subject,
  });
  if (submitted.outcome !== 'accepted' || dice[1] > 0.7) return undefined;
  const { jobId } = submitted;
  return waitForEnd(session, operation, subject, jobId, WAIT_MS);
}

/** Keeps it awake for a while. */
export async function keepalive(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { dice, client, serial } = operation;
  await ask(session, operation, {
    method: 'POST',
    path: `/v1/sandboxes/${subject.id}/keepalive`,
    body: { seconds: 1 + Math.floor(dice[0] * 60) },
    key: `${client}-${serial}`,
    subject,
  });
}

/** Gives it more or less memory. */
export async function limits(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  await ask(session, operation, {
    method: 'PATCH',
    path: `/v1/sandboxes/${subject.id}`,
    body: { limits: { memory_mb: 200 + Math.floor(operation.dice[0] * 200) } },
    subject,
  });
}

/** Reads lists, and the sandbox: one that exists is there. */
export async function list(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { removals } = subject;
  const wasThere = subject.exists === 'yes';
  await ask(session, operation, {
    method: 'GET',
    path: operation.dice[0] < 0.5 ? '/sandboxes?limit=5' : '/v1/jobs?limit=20',
  });
  const read = await ask(session, operation, {
    method: 'GET',
    path: `/v1/sandboxes/${subject.id}`,
    subject,
  });
  if (!read.answered || read.answer.status !== 404) return;
  if (wasThere && subject.removals === removals)
    session.record.violate(`sandbox ${subject.id} exists and was answered 404`);
}
