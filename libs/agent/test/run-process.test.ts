import { createServer, request as httpRequest } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import type { OutputFrame, StartedFrame } from '../src/index.ts';
import { createAgentClient } from '../src/index.ts';
import { newId } from './ids.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  while (undo.length > 0) await undo.pop()?.();
  await disposeAgents();
});

type Frame = StartedFrame | OutputFrame;

async function all(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const read: Frame[] = [];
  for await (const frame of frames) read.push(frame);
  return read;
}

const hello = (id = newId()) => ({
  id,
  shell: 'echo hello',
  output_cap_bytes: 1_000,
});
const TOLD = [
  { type: 'started', state: { status: 'running' } },
  { type: 'output', stream: 'stdout', text: 'hello\n' },
  { type: 'exit', state: { status: 'exited', exit_code: 0 } },
];

/** The agent behind a door that changes what comes by; `seen` is what came. */
async function door(rewrite: (url: string) => string) {
  const agent = await startTestAgent();
  const socketPath = path.join(agent.directory, 'door.sock');
  const seen: { readonly urls: string[] } = { urls: [] };
  const server = createServer((incoming, response) => {
    seen.urls.push(incoming.url ?? '');
    const outgoing = httpRequest(
      {
        socketPath: agent.socketPath,
        method: incoming.method,
        path: rewrite(incoming.url ?? ''),
        headers: incoming.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const client = createAgentClient({ socketPath });
  undo.push(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, seen };
}

it('tells what was started, its output and its end in one call', async () => {
  const { client, seen } = await door((url) => url);
  await client.processes();
  seen.urls.length = 0;
  expect(await all(client.runProcess(hello()))).toMatchObject(TOLD);
  expect(seen.urls).toEqual(['/v1/processes?follow=1']);
});

it('leaves its connection to later calls', async () => {
  const agent = await startTestAgent();
  const socketPath = path.join(agent.directory, 'counted.sock');
  let connections = 0;
  const server = net.createServer((near) => {
    connections += 1;
    const far = net.connect(agent.socketPath);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const client = createAgentClient({ socketPath });
  undo.push(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
  for (let n = 0; n < 5; n += 1) await all(client.runProcess(hello()));
  // The second where a call comes before the first is free again.
  expect(connections).toBeLessThanOrEqual(2);
});

it('follows a process that runs already and starts it no second time', async () => {
  const { client } = await startTestAgent();
  const request = { ...hello(), shell: 'echo hello >> ran; cat ran' };
  await all(client.runProcess(request));
  expect(await all(client.runProcess(request))).toMatchObject([
    { type: 'started', state: { status: 'exited' } },
    { type: 'output', text: 'hello\n' },
    { type: 'exit' },
  ]);
});

it('serves with an agent that is older than the call', async () => {
  const { client } = await door((url) => url.replace('?follow=1', ''));
  expect(await all(client.runProcess(hello()))).toMatchObject(TOLD);
});

it('says why a command is refused', async () => {
  const { client } = await startTestAgent();
  await expect(
    all(client.runProcess({ ...hello(), cmd: ['true'] })),
  ).rejects.toMatchObject({ code: 'agent_refused' });
});

it('heeds an abort once it is known that the process runs', async () => {
  const { client } = await startTestAgent();
  const leaving = new AbortController();
  const id = newId();
  leaving.abort('cancelled');
  const frames = client.runProcess(
    { ...hello(id), shell: 'exec sleep 300' },
    { signal: leaving.signal },
  );
  expect(await frames.next()).toMatchObject({ value: { type: 'started' } });
  await expect(frames.next()).rejects.toBe('cancelled');
  expect(await client.process(id)).toMatchObject({ status: 'running' });
});
