import type { Clients } from './clients.ts';

const line = (value: object): string => `echo '${JSON.stringify(value)}'`;

/** A program that speaks as Codex does, writes one file and tells of it step by step: what a task needs without a model. */
const PROGRAM = [
  '#!/bin/bash',
  // Its prompt is its mark; outside the app directory, so that no revert takes it back.
  'cat >> ../ran; echo >> ../ran',
  line({ type: 'thread.started', thread_id: 'fake-thread' }),
  line({ type: 'turn.started' }),
  'echo "$RANDOM" > made',
  'sleep 0.3',
  line({
    type: 'item.completed',
    item: { id: 'item_0', type: 'agent_message', text: 'written' },
  }),
  'sleep 0.3',
  line({
    type: 'turn.completed',
    usage: {
      input_tokens: 10,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 5,
      reasoning_output_tokens: 0,
    },
  }),
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
