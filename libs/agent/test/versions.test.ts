import { createServer, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import path from 'node:path';
import type { AgentClient } from '../src/index.ts';
import { createAgentClient } from '../src/index.ts';
import { AGENT_PROTOCOL, OLDEST_PROTOCOL } from '../src/protocol.ts';
import { run } from './drive.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  while (undo.length > 0) await undo.pop()?.();
  await disposeAgents();
});

/** What the pretended agent says of itself; undefined for a field that it does not know yet. */
interface Said {
  readonly protocol: number;
  readonly oldest_protocol: number | undefined;
}

/** A client of the real agent as one of another version: its health says so, and each of its objects has a field of its own. */
async function pretended(said: Said) {
  const agent = await startTestAgent();
  const socketPath = path.join(agent.directory, 'pretended.sock');
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    const outgoing = httpRequest(
      {
        socketPath: agent.socketPath,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        void buffer(answer).then((body) => {
          const lines = body.toString().split('\n').filter(Boolean);
          const told = lines.map((line) => retold(line, incoming.url, said));
          response.writeHead(answer.statusCode ?? 500);
          response.end(told.map((line) => `${line}\n`).join(''));
        });
      },
    );
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const client: AgentClient = createAgentClient({ socketPath });
  undo.push(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, asked, agent };
}

function retold(line: string, url: string | undefined, said: Said): string {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return line;
  return JSON.stringify({
    ...value,
    ...(url === '/v1/health' && said),
    of_another_version: { deep: [1] },
  });
}

describe('an agent of another version', () => {
  it.each<[string, Said]>([
    ['the same', { protocol: AGENT_PROTOCOL, oldest_protocol: undefined }],
    ['the oldest', { protocol: OLDEST_PROTOCOL, oldest_protocol: undefined }],
    [
      'the next, which still speaks ours',
      { protocol: AGENT_PROTOCOL + 1, oldest_protocol: AGENT_PROTOCOL },
    ],
  ])('is spoken with when it is %s', async (_name, said) => {
    const { client, asked } = await pretended(said);
    const { stdout, state } = await run(client, { shell: 'echo hello' });
    expect(stdout).toBe('hello\n');
    expect(state.exit_code).toBe(0);
    // Once, however many calls follow.
    expect(asked.filter((url) => url === '/v1/health')).toHaveLength(1);
  });

  it('is asked for nothing when it is too new', async () => {
    const { client, asked, agent } = await pretended({
      protocol: AGENT_PROTOCOL + 2,
      oldest_protocol: AGENT_PROTOCOL + 1,
    });
    await expect(run(client, { shell: 'true' })).rejects.toMatchObject({
      code: 'agent_incompatible',
    });
    expect(asked).toEqual(['/v1/health']);
    expect(await agent.client.processes()).toEqual([]);
    // It is alive all the same, and says so.
    expect((await client.health()).pid).toBe(agent.child.pid);
  });
});
