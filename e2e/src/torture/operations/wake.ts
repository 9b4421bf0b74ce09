import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { call } from '../call.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import type { Session } from '../session.ts';

const HEARD_MS = 500;

const echoSchema = z.object({
  /** Host name of the sandbox that answered. */
  server: z.string(),
  method: z.string(),
  url: z.string(),
  body: z.string(),
  host: z.string(),
});

/** A request to the app through the edge: it gets the app's own answer, or the product's word on why not. */
export async function wake(
  session: Session,
  { dice, client, serial }: Operation,
  subject: Subject,
): Promise<void> {
  const { stack, record } = session;
  const line = `request-${client}-${serial}`;
  const method = dice[0] < 0.5 ? 'POST' : 'GET';
  const url = `/${line}`;
  const host = `s-${subject.id.toLowerCase()}-3000.preview.localhost`;
  const wasServing = subject.isServing && subject.exists === 'yes';
  const { removals, declarations } = subject;
  const beganAt = performance.now();
  const outcome = await call({
    method,
    url: `http://127.0.0.1:${stack.edgePort}${url}`,
    body: method === 'POST' ? line : undefined,
    headers: { host },
    withinMs: 130_000,
  });
  // That a process ended is heard of a moment later.
  if (!outcome.answered || outcome.answer.status !== 200) await pause(HEARD_MS);
  const isCertain =
    wasServing &&
    subject.removals === removals &&
    subject.declarations === declarations &&
    subject.mayRestartUntil < beganAt &&
    !session.isExcused(subject.id, beganAt);
  const post = { sandboxId: subject.id, file: '../requests', line };
  if (method === 'POST')
    record.told.marks.push({
      ...{ mark: line, file: post.file, sandboxId: subject.id },
      jobId: undefined,
    });
  if (!outcome.answered) {
    note(`cut ${outcome.why}`);
    return;
  }
  const { status, headers, body } = outcome.answer;
  const code = headers['x-sandboxed-error'];
  note(`${status}${code === undefined ? '' : ` ${code}`}`);
  const echo = echoSchema.safeParse(body).data;
  if (status === 200 && echo !== undefined) {
    const asked = method === 'POST' ? line : '';
    if (
      echo.server !== `s-${subject.id.toLowerCase()}` ||
      echo.method !== method ||
      echo.url !== url ||
      echo.body !== asked ||
      echo.host !== host
    )
      record.violate(
        `${method} ${url} of sandbox ${subject.id} was answered by the app with ${JSON.stringify(echo)}`,
      );
    if (method === 'POST') record.once.push(post);
    return;
  }
  if (code === 'internal')
    record.violate(`${method} ${url} of sandbox ${subject.id} was internal`);
  else if (code === undefined && isCertain)
    record.violate(
      `${method} ${url} of sandbox ${subject.id} was answered ${status} by nobody that knows it: ${JSON.stringify(body).slice(0, 200)}`,
    );
  else if (code === 'sandbox_not_found' && isCertain)
    record.violate(
      `${method} ${url} of sandbox ${subject.id}, which exists, was answered ${code}`,
    );

  function note(said: string): void {
    record.count('wake', said);
    record.history.add(
      subject.id,
      `${client}/${serial} wake: ${method} ${url} → ${said} after ${Math.round(performance.now() - beganAt)} ms`,
    );
  }
}
