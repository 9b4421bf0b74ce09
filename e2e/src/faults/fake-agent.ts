import type { Clients } from './clients.ts';
import { CODEX_DONE, codexLine } from './codex-lines.ts';

/** A program that speaks as Codex does, writes one file and tells of it step by step: what a task needs without a model. */
const PROGRAM = [
  '#!/bin/bash',
  // Its prompt is its mark; outside the app directory, so that no revert takes it back.
  'cat >> ../ran; echo >> ../ran',
  codexLine({ type: 'thread.started', thread_id: 'fake-thread' }),
  codexLine({ type: 'turn.started' }),
  'echo "$RANDOM" > made',
  'sleep 0.3',
  codexLine({
    type: 'item.completed',
    item: { id: 'item_0', type: 'agent_message', text: 'written' },
  }),
  'sleep 0.3',
  CODEX_DONE,
].join('\n');

/** A running sandbox in which `codex` is a script. Each run leaves its prompt in `../ran`. */
export async function createWithFakeAgent(clients: Clients): Promise<string> {
  const id = await clients.create({
    env: {
      PATH: '/home/sandbox/workspace/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      OPENAI_API_KEY: 'none',
    },
  });
  await clients.insist('PUT', `/sandbox/${id}/files`, {
    path: 'bin/codex',
    content: PROGRAM,
    mode: '755',
  });
  return id;
}

let tasks = 0;
/** Hands a task to the fake agent of {@link createWithFakeAgent}: its program is to run once. */
export async function submitTask(
  clients: Clients,
  sandboxId: string,
): Promise<string> {
  const mark = `task-${(tasks += 1)}`;
  const jobId = await clients.submit(
    'task',
    sandboxId,
    'POST',
    `/v1/sandboxes/${sandboxId}/tasks`,
    { agent: 'codex', prompt: mark },
  );
  clients.told.marks.push({ mark, file: '../ran', sandboxId, jobId });
  return jobId;
}
