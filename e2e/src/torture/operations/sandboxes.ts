import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Answer } from '../call.ts';
import { PROGRAM, SERVICE } from '../programs.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import { createSubject } from '../record.ts';
import type { Ask, Session } from '../session.ts';
import { ask, jobOf, submit, waitForEnd } from '../session.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const WAIT_MS = 20_000;

/** The id that a client chooses for itself; another one in another stack, since the Engine knows containers by their sandbox's id. */
function ownId(
  { stack }: Session,
  { client, serial, dice }: Operation,
): string {
  let state = Math.floor(dice[0] * 2 ** 32) + serial * 977;
  for (const character of `${stack.instance}${client}`)
    state = Math.imul(state, 31) + (character.codePointAt(0) ?? 0);
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
  const hangUpMs = dice[2] > 0.9 ? 5 + dice[1] * 200 : undefined;
  const asked = {
    method: 'POST',
    path: dice[2] < 0.5 ? '/sandbox' : '/v1/sandboxes',
    key: `${client}-${serial}`,
  };
  const body = {
    labels: { torture: client },
    limits: { memory_mb: 256, cpus: 0.5, pids: 256 },
    idle_timeout_seconds: [5, 20, 60, 300][Math.floor(dice[1] * 4)] ?? 60,
  };
  if (former === undefined && dice[3] < 0.3) {
    await createUnnamed(session, operation, { ...asked, body, hangUpMs });
    return;
  }
  const subject = former ?? createSubject(ownId(session, operation));
  slots[slot] = subject;
  record.subjects.set(subject.id, subject);
  if (subject.exists === 'no') subject.exists = 'maybe';
  const { removals } = subject;
  const named = { ...asked, body: { ...body, id: subject.id }, subject };
  const made = await submit(session, operation, 'create', {
    ...named,
    hangUpMs,
  });
  if (made.outcome !== 'accepted') return;
  if (dice[1] < 0.3) {
    const again = await ask(session, operation, named);
    if (again.answered) sameAgain(session, again.answer, subject, made.jobId);
  }
  await furnish(session, operation, subject, made.jobId, removals);
}

/** The server chooses the id. Until it is told, nobody can work on it; what nobody is told of is purged at the next quiet point. */
async function createUnnamed(
  session: Session,
  operation: Operation,
  asked: Ask,
): Promise<void> {
  const { slots, record } = session;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const outcome = await ask(session, operation, asked);
    if (!outcome.answered) {
      await pause(500);
      continue;
    }
    const id = createdSchema.safeParse(outcome.answer.body).data?.id;
    const jobId = jobOf(outcome.answer);
    if (id === undefined || jobId === undefined) return;
    const subject = createSubject(id);
    record.subjects.set(id, subject);
    record.accepted(jobId, 'create', id);
    slots[operation.slot] ??= subject;
    await furnish(session, operation, subject, jobId, 0);
    return;
  }
}

/** Under the same key the same sandbox is answered by the same job. */
function sameAgain(
  { record }: Session,
  answer: Answer,
  { id }: Subject,
  jobId: string,
): void {
  if (answer.status >= 300) return;
  const { data } = createdSchema.safeParse(answer.body);
  if (data?.id !== id || jobOf(answer) !== jobId)
    record.violate(
      `a create of ${id} repeated under its key was job ${jobId}, then ${JSON.stringify(answer.body).slice(0, 300)}`,
    );
}

/** Once it runs, the fake agent and the app are put in place. */
async function furnish(
  session: Session,
  operation: Operation,
  subject: Subject,
  jobId: string,
  removals: number,
): Promise<void> {
  const job = await waitForEnd(session, operation, subject, jobId, WAIT_MS);
  if (job?.status !== 'succeeded' || subject.removals !== removals) return;
  subject.exists = 'yes';
  await equip(session, operation, subject);
}

/** Puts the fake agent and the app in place. */
async function equip(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { client, serial } = operation;
  const { removals } = subject;
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
    if (job?.status === 'succeeded' && subject.removals === removals)
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
  const { removals } = subject;
  subject.declarations += 1;
  const service = await submit(session, operation, 'service', {
    method: 'PUT',
    path: `/sandbox/${subject.id}/services/web`,
    body: { command: SERVICE, port: 3000 },
    subject,
  });
  if (service.outcome !== 'accepted') return;
  const { jobId } = service;
  const job = await waitForEnd(session, operation, subject, jobId, WAIT_MS);
  if (job?.status === 'succeeded' && subject.removals === removals)
    subject.isServing = true;
}
