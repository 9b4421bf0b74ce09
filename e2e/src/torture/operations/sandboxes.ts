import { z } from 'zod';
import { PROGRAM, SERVICE } from '../programs.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import { createSubject } from '../record.ts';
import type { Session } from '../session.ts';
import { ask, submit, waitForEnd } from '../session.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const WAIT_MS = 20_000;

/** The id that a client chooses for itself: the same one for the same operation of the same seed. */
function ownId({ client, serial, dice }: Operation): string {
  let state = Math.floor(dice[0] * 2 ** 32) + serial * 977 + client.length;
  let id = '01K';
  while (id.length < 26) {
    state = (Math.imul(state ^ (state >>> 13), 0x5bd1e995) + 0x3c6ef372) >>> 0;
    id += ALPHABET[state % 32] ?? '0';
  }
  return id;
}

const createdSchema = z.looseObject({ id: z.string() });

/** Fills an empty slot, or brings back what was deleted there. */
export async function create(
  session: Session,
  operation: Operation,
): Promise<void> {
  const { slots, record } = session;
  const { slot, dice, client, serial } = operation;
  const former = slots[slot];
  const subject = former ?? createSubject(ownId(operation));
  if (former === undefined) {
    slots[slot] = subject;
    record.subjects.set(subject.id, subject);
  }
  if (subject.exists === 'no') subject.exists = 'maybe';
  const { removals } = subject;
  const body = {
    id: subject.id,
    labels: { torture: client },
    limits: { memory_mb: 256, cpus: 0.5, pids: 256 },
    idle_timeout_seconds: [5, 20, 60, 300][Math.floor(dice[1] * 4)] ?? 60,
  };
  const asked = {
    method: 'POST',
    path: dice[2] < 0.5 ? '/sandbox' : '/v1/sandboxes',
    body,
    key: `${client}-${serial}`,
    hangUpMs: dice[2] > 0.9 ? 5 + dice[1] * 200 : undefined,
    subject,
  };
  const made = await submit(session, operation, 'create', asked);
  if (made.outcome !== 'accepted') return;
  if (dice[1] < 0.3) {
    const again = await ask(session, operation, {
      ...asked,
      hangUpMs: undefined,
    });
    if (again.answered && again.answer.status < 300) {
      const { data } = createdSchema.safeParse(again.answer.body);
      if (data?.id !== subject.id || data['job_id'] !== made.jobId)
        record.violate(
          `a create of ${subject.id} repeated under its key was job ${made.jobId}, then ${JSON.stringify(again.answer.body).slice(0, 300)}`,
        );
    }
  }
  const job = await waitForEnd(
    session,
    operation,
    subject,
    made.jobId,
    WAIT_MS,
  );
  if (job?.status !== 'succeeded') return;
  if (subject.removals === removals) subject.exists = 'yes';
  await equip(session, operation, subject);
}

/** Puts the fake agent and the app in place. */
async function equip(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { client, serial } = operation;
  const path = `/sandbox/${subject.id}`;
  const program = await submit(session, operation, 'exec', {
    method: 'POST',
    path: `${path}/exec`,
    body: {
      shell:
        'mkdir -p ~/.local/bin && cat > ~/.local/bin/codex && chmod +x ~/.local/bin/codex',
      stdin: PROGRAM,
    },
    key: `${client}-${serial}-agent`,
    subject,
  });
  if (program.outcome === 'accepted') {
    const { jobId } = program;
    const job = await waitForEnd(session, operation, subject, jobId, WAIT_MS);
    if (job?.status === 'succeeded' && !subject.isPurged)
      subject.isEquipped = true;
  }
  await serve(session, operation, subject);
}

/** Declares the app of a sandbox. */
export async function serve(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const service = await submit(session, operation, 'service', {
    method: 'PUT',
    path: `/sandbox/${subject.id}/services/web`,
    body: { command: SERVICE, port: 3000 },
    subject,
  });
  if (service.outcome !== 'accepted') return;
  const { jobId } = service;
  const job = await waitForEnd(session, operation, subject, jobId, WAIT_MS);
  if (job?.status === 'succeeded' && subject.exists === 'yes')
    subject.isServing = true;
}

/** Stop, start, delete and purge, waited for or not. */
export async function changeLife(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { dice, client, serial, slot } = operation;
  const kind = operation.kind as 'stop' | 'start' | 'delete' | 'purge';
  const asked = {
    stop: {
      method: 'POST',
      path: `/v1/sandboxes/${subject.id}/stop`,
      body: { force: dice[0] < 0.5 },
    },
    start: {
      method: 'POST',
      path:
        dice[0] < 0.5
          ? `/wake/${subject.id}`
          : `/v1/sandboxes/${subject.id}/start`,
    },
    delete: { method: 'DELETE', path: `/sandbox/${subject.id}` },
    purge: { method: 'POST', path: `/sandbox/${subject.id}/purge` },
  }[kind];
  if (kind === 'delete' || kind === 'purge') {
    subject.exists = 'maybe';
    subject.removals += 1;
    subject.isServing = false;
  }
  if (kind === 'purge') {
    subject.isPurged = true;
    subject.isDisturbed = true;
    subject.isEquipped = false;
    subject.files.clear();
  }
  const submitted = await submit(session, operation, kind, {
    ...asked,
    ...(asked.method === 'POST' && { key: `${client}-${serial}` }),
    hangUpMs: dice[1] > 0.92 ? 5 + dice[2] * 200 : undefined,
    subject,
  });
  if (submitted.outcome !== 'accepted' || dice[1] > 0.7) return;
  const job = await waitForEnd(
    session,
    operation,
    subject,
    submitted.jobId,
    WAIT_MS,
  );
  // Half of what is purged stays in the pool, to be made again under its id.
  if (kind === 'purge' && job?.status === 'succeeded' && dice[2] < 0.5)
    if (session.slots[slot] === subject) session.slots[slot] = undefined;
}

/** Keepalive, limits and lists. */
export async function small(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { kind, dice, client, serial } = operation;
  const path = `/v1/sandboxes/${subject.id}`;
  if (kind === 'keepalive')
    await ask(session, operation, {
      method: 'POST',
      path: `${path}/keepalive`,
      body: { seconds: 1 + Math.floor(dice[0] * 60) },
      key: `${client}-${serial}`,
      subject,
    });
  else if (kind === 'limits')
    await ask(session, operation, {
      method: 'PATCH',
      path,
      body: { limits: { memory_mb: 200 + Math.floor(dice[0] * 200) } },
      subject,
    });
  else {
    await ask(session, operation, {
      method: 'GET',
      path: dice[0] < 0.5 ? '/sandboxes?limit=5' : '/v1/jobs?limit=20',
    });
    const read = await ask(session, operation, {
      method: 'GET',
      path,
      subject,
    });
    if (read.answered && read.answer.status === 404 && subject.exists === 'yes')
      session.record.violate(
        `sandbox ${subject.id} exists and was answered 404`,
      );
  }
}
