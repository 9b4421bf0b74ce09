import { z } from 'zod';
import { codeOf } from '../call.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import type { Session } from '../session.ts';
import { ask } from '../session.ts';

const PATHS_OF_A_CLIENT = 3;

/** Each client has paths of its own, so that it knows in which order they were written. */
function pathOf({ client }: Operation, dice: number): string {
  return `files/${client}/${Math.floor(dice * PATHS_OF_A_CLIENT)}`;
}

/** `certain`: nothing but this is there now, except for what late requests may still bring. */
function learn(
  subject: Subject,
  path: string,
  content: ReadonlySet<string | undefined>,
  certain: boolean,
): void {
  if (subject.isDisturbed) return;
  const before = subject.files.get(path);
  if (certain) subject.files.set(path, content);
  else if (before !== undefined)
    subject.files.set(path, new Set([...before, ...content]));
}

/** Writes a file, either way. */
export async function put(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const path = pathOf(operation, operation.dice[0]);
  const { client, serial, dice } = operation;
  const content = `${client}-${serial} ${'x'.repeat(Math.floor(dice[1] ** 3 * 20_000))}`;
  const raw = dice[2] < 0.5;
  const outcome = await ask(session, operation, {
    method: 'PUT',
    path: raw
      ? `/v1/sandboxes/${subject.id}/files/content?path=${path}`
      : `/v1/sandboxes/${subject.id}/files`,
    body: raw ? { content } : { path, content },
    hangUpMs: dice[2] > 0.95 ? 2 + dice[1] * 20 : undefined,
    subject,
  });
  const written = raw ? JSON.stringify({ content }) : content;
  if (outcome.answered && outcome.answer.status < 300)
    learn(subject, path, new Set([written]), true);
  else if (!outcome.answered || outcome.answer.status >= 500)
    learn(subject, path, new Set([written]), false);
}

const readSchema = z.union([z.string(), z.looseObject({})]);

/** Reads a file: it is what it may be. */
export async function get(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const path = pathOf(operation, operation.dice[0]);
  const outcome = await ask(session, operation, {
    method: 'GET',
    path: `/v1/sandboxes/${subject.id}/files/content?path=${path}`,
    subject,
  });
  const may = subject.files.get(path);
  if (!outcome.answered || may === undefined || subject.isDisturbed) return;
  const { answer } = outcome;
  const isMissing = codeOf(answer) === 'file_not_found';
  if (answer.status >= 300 && !isMissing) return;
  const got = isMissing ? undefined : textOf(answer.body);
  if (!may.has(got))
    session.record.violate(
      `file ${path} of sandbox ${subject.id} was read as ${shown(got)}, it may be ${[...may].map(shown).join(' or ')}`,
    );
}

function textOf(body: unknown): string {
  const read = readSchema.parse(body);
  return typeof read === 'string' ? read : JSON.stringify(read);
}

export function shown(content: string | undefined): string {
  return content === undefined ? 'gone' : JSON.stringify(content.slice(0, 40));
}

/** Moves a file over another one. */
export async function move(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const { dice, client, serial } = operation;
  const from = pathOf(operation, dice[0]);
  const to = pathOf(operation, dice[1]);
  if (to === from) return;
  const content = subject.files.get(from);
  const outcome = await ask(session, operation, {
    method: 'POST',
    path: `/v1/sandboxes/${subject.id}/files/move`,
    body: { from, to },
    key: `${client}-${serial}`,
    subject,
  });
  if (outcome.answered && outcome.answer.status < 300) {
    learn(subject, from, new Set([undefined]), true);
    if (content === undefined) subject.files.delete(to);
    else
      learn(
        subject,
        to,
        new Set([...content].filter((text) => text !== undefined)),
        true,
      );
  } else if (!outcome.answered || outcome.answer.status >= 500) {
    learn(subject, from, new Set([undefined]), false);
    if (content === undefined) subject.files.delete(to);
    else learn(subject, to, content, false);
  }
}

/** Removes a file. */
export async function unlink(
  session: Session,
  operation: Operation,
  subject: Subject,
): Promise<void> {
  const path = pathOf(operation, operation.dice[0]);
  const outcome = await ask(session, operation, {
    method: 'DELETE',
    path: `/v1/sandboxes/${subject.id}/files?path=${path}`,
    subject,
  });
  if (outcome.answered && outcome.answer.status < 300)
    learn(subject, path, new Set([undefined]), true);
  else if (!outcome.answered || outcome.answer.status >= 500)
    learn(subject, path, new Set([undefined]), false);
}
