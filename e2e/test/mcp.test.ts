import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { McpServers } from '../src/mcp-clients.ts';
import { startMcpServers } from '../src/mcp-clients.ts';
import { modelEnv, startModel } from '../src/model.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { preview, until } from '../src/stack.ts';

const ALICE = 'alice-token-0123456789abcdef';
const BOB = 'bob-token-0123456789abcdef';

let stack: OwnStack;
let servers: McpServers;
let stopModel: (() => Promise<void>) | undefined;
beforeAll(async () => {
  stopModel = await startModel();
  stack = await startOwnStack({
    apiEnv: {
      SANDBOXD_API_AUTH_DISABLED: 'false',
      SANDBOXD_API_TOKENS: `alice:${ALICE},bob:${BOB}`,
    },
  });
}, 120_000);
beforeEach(async () => {
  servers = await startMcpServers(stack.api);
}, 30_000);
afterEach(() => servers.close(), 60_000);
afterAll(async () => {
  await stack.close();
  await stopModel?.();
}, 60_000);

interface CallOptions {
  readonly onprogress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What a tool says: its error, or undefined. */
async function tryTool(
  client: Client,
  name: string,
  input: Record<string, unknown>,
  options: CallOptions = {},
) {
  const answer = await client.callTool(
    { name, arguments: input },
    CallToolResultSchema,
    { timeout: 120_000, ...options },
  );
  // The client has held what is structured against the tool's schema.
  return CallToolResultSchema.parse(answer);
}

async function tool(
  client: Client,
  name: string,
  input: Record<string, unknown>,
  options: CallOptions = {},
): Promise<Record<string, unknown>> {
  const { isError, content, structuredContent } = await tryTool(
    ...([client, name, input, options] as const),
  );
  if (isError === true || structuredContent === undefined)
    throw new Error(`${name}: ${JSON.stringify(content)}`);
  expect(content).toEqual([
    { type: 'text', text: JSON.stringify(structuredContent) },
  ]);
  return structuredContent;
}

const createdSchema = z.looseObject({
  id: z.string(),
  preview_urls: z.record(z.string(), z.string()),
});
const create = async (client: Client, input: Record<string, unknown> = {}) =>
  createdSchema.parse(await tool(client, 'create_sandbox', input));

describe.each(['stdio', 'http'] as const)('over %s', (kind) => {
  it('says what it can do, so that a model knows how to call it', async () => {
    const client = await servers.connect(kind, ALICE);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(
      [
        ...['cancel_task', 'create_sandbox', 'delete_sandbox', 'get_preview'],
        ...['get_sandbox', 'get_task', 'keep_awake', 'list_files'],
        ...['list_sandboxes', 'list_services', 'read_file', 'remove_file'],
        ...['run_command', 'run_task', 'service_logs', 'start_sandbox'],
        ...['start_service', 'stop_sandbox', 'stop_service', 'write_file'],
      ].sort(),
    );
    for (const { description = '', inputSchema, outputSchema } of tools) {
      expect(description.length).toBeGreaterThan(20);
      expect(inputSchema.type).toBe('object');
      expect(outputSchema?.type).toBe('object');
    }
    expect(client.getInstructions()).toContain('create_sandbox');
  }, 60_000);

  it('is a computer: files, commands, an app that is served, an agent, and its end', async () => {
    const client = await servers.connect(kind, ALICE);
    const { id: sandbox_id } = await create(client, {
      name: 'computer',
      env: modelEnv(),
      labels: { of: kind },
    });
    expect(
      await tool(client, 'list_sandboxes', { label: `of:${kind}` }),
    ).toMatchObject({ sandboxes: [{ id: sandbox_id }], truncated: false });

    await tool(client, 'write_file', {
      ...{ sandbox_id, path: 'site/index.html' },
      content: '<h1>grüße</h1>',
    });
    await tool(client, 'write_file', {
      ...{ sandbox_id, path: 'site/bytes', encoding: 'base64' },
      content: '/wD+',
    });
    expect(
      await tool(client, 'list_files', { sandbox_id, path: 'site' }),
    ).toMatchObject({
      entries: [{ path: 'site/bytes', size: 3 }, { path: 'site/index.html' }],
    });
    expect(
      await tool(client, 'read_file', { sandbox_id, path: 'site/bytes' }),
    ).toEqual({ content: '/wD+', encoding: 'base64', size: 3 });
    await tool(client, 'write_file', {
      ...{ sandbox_id, path: 'empty', content: '' },
    });
    expect(
      await tool(client, 'read_file', { sandbox_id, path: 'empty' }),
    ).toEqual({ content: '', encoding: 'utf8', size: 0 });

    const heard: (string | undefined)[] = [];
    expect(
      await tool(
        client,
        'run_command',
        {
          sandbox_id,
          command:
            'echo first; sleep 1; cat site/index.html; echo no >&2; exit 3',
        },
        { onprogress: ({ message }) => heard.push(message) },
      ),
    ).toEqual({
      ...{ exit_code: 3, truncated: false, timed_out: false },
      ...{ stdout: 'first\n<h1>grüße</h1>', stderr: 'no\n' },
    });
    expect(heard[0]).toBe('first\n');

    await tool(client, 'start_service', {
      ...{ sandbox_id, name: 'web', port: 3000, cwd: 'site' },
      command: 'exec python3 -m http.server 3000 --bind 0.0.0.0',
    });
    const { url } = await tool(client, 'get_preview', { sandbox_id });
    const page = await preview(String(url), { port: stack.edgePort });
    expect(page).toMatchObject({ status: 200, text: '<h1>grüße</h1>' });
    expect(await tool(client, 'list_services', { sandbox_id })).toMatchObject({
      services: [{ name: 'web', port: 3000, status: 'running' }],
    });
    expect(
      await tool(client, 'service_logs', { sandbox_id, name: 'web' }),
    ).toMatchObject({ text: expect.stringContaining('GET /') });
    await tool(client, 'stop_service', { sandbox_id, name: 'web' });
    await tool(client, 'keep_awake', { sandbox_id, seconds: 60 });

    const told: (string | undefined)[] = [];
    const task = await tool(
      client,
      'run_task',
      {
        ...{ sandbox_id, agent: 'codex' },
        prompt:
          '[[write path=hello.txt content="made by an agent"]] [[done text=finished]]',
      },
      { onprogress: ({ message }) => told.push(message) },
    );
    expect(task).toMatchObject({
      ...{ status: 'succeeded', agent_message: 'finished' },
      files_changed: [{ path: 'hello.txt', change: 'added' }],
    });
    expect(told.join('')).toContain('agent_running');
    expect(told.join('')).toContain('finished');
    const { task_id } = task;
    expect(await tool(client, 'get_task', { sandbox_id, task_id })).toEqual(
      task,
    );

    expect(await tool(client, 'stop_sandbox', { sandbox_id })).toMatchObject({
      status: 'stopped',
    });
    await tool(client, 'delete_sandbox', { sandbox_id });
    const gone = await tryTool(client, 'get_sandbox', { sandbox_id });
    expect(gone.isError).toBe(true);
    expect(JSON.stringify(gone.content)).toContain('list_sandboxes');
  }, 300_000);

  it('answers no more than a model can take, and goes on where it left off', async () => {
    const client = await servers.connect(kind, ALICE);
    const { id: sandbox_id } = await create(client);
    const { stdout, truncated } = await tool(client, 'run_command', {
      sandbox_id,
      command: `echo begin; yes 'ä line' | head -c 500000 | tee many; echo; echo end`,
    });
    expect(truncated).toBe(true);
    expect(String(stdout)).toMatch(/^begin\n[^]*left out here[^]*\nend\n$/);
    expect(String(stdout).length).toBeLessThan(66_000);
    expect(
      await tool(client, 'run_command', {
        ...{ sandbox_id, command: 'yes | head -c 5000000' },
      }),
    ).toMatchObject({ exit_code: 0, truncated: true });

    let read = '';
    for (let offset = 0; offset < 200_000;) {
      const part = z
        .object({ content: z.string(), next_offset: z.number() })
        .parse(
          await tool(client, 'read_file', { sandbox_id, path: 'many', offset }),
        );
      expect(part.content.length).toBeLessThanOrEqual(65_536);
      read += part.content;
      offset = part.next_offset;
    }
    expect(read.startsWith('ä line\n'.repeat(20_000))).toBe(true);
    await tool(client, 'delete_sandbox', { sandbox_id });
  }, 120_000);

  it('ends a command whose time is up or whose call is cancelled, and says what it wrote', async () => {
    const client = await servers.connect(kind, ALICE);
    const { id: sandbox_id } = await create(client);
    expect(
      await tool(client, 'run_command', {
        ...{ sandbox_id, timeout_seconds: 1 },
        command: 'echo so far; sleep 300',
      }),
    ).toMatchObject({ timed_out: true, stdout: 'so far\n' });

    const giveUp = new AbortController();
    await expect(
      tool(
        client,
        'run_command',
        { sandbox_id, command: 'echo runs; sleep 300' },
        {
          onprogress: () => {
            giveUp.abort('enough');
          },
          signal: giveUp.signal,
        },
      ),
    ).rejects.toThrow('enough');
    await untilNothingSleeps(client, sandbox_id);
    await tool(client, 'delete_sandbox', { sandbox_id });
  }, 120_000);

  it('ends what runs for a client that is gone', async () => {
    const leaves = await servers.connect(kind, ALICE);
    const stays = await servers.connect(kind, ALICE);
    const { id: sandbox_id } = await create(leaves);
    const runs = new Promise((resolve) => {
      tool(
        leaves,
        'run_command',
        { sandbox_id, command: 'echo runs; sleep 300' },
        { onprogress: resolve },
      ).catch(() => undefined);
    });
    await runs;
    if (kind === 'http')
      await fetch(servers.url, {
        method: 'DELETE',
        headers: sessionHeaders(leaves),
      });
    else await leaves.close();
    await untilNothingSleeps(stays, sandbox_id);
    await tool(stays, 'delete_sandbox', { sandbox_id });
  }, 120_000);

  it('says what to do about a refusal, and shows nobody what is not theirs', async () => {
    const [alice, bob] = [
      await servers.connect(kind, ALICE),
      await servers.connect(kind, BOB),
    ];
    const { id: sandbox_id } = await create(alice);
    const stolen = await tryTool(bob, 'run_command', {
      ...{ sandbox_id, command: 'id' },
    });
    expect(stolen.isError).toBe(true);
    expect(JSON.stringify(stolen.content)).toContain('sandbox_not_found');
    expect(await tool(bob, 'list_sandboxes', {})).toEqual({
      ...{ sandboxes: [], truncated: false },
    });
    const outside = await tryTool(alice, 'read_file', {
      ...{ sandbox_id, path: '../../.bashrc' },
    });
    expect(outside.isError).toBe(true);
    const wrong = await tryTool(alice, 'run_command', { sandbox_id });
    expect(wrong.isError).toBe(true);
    expect(JSON.stringify(wrong.content)).toContain('command');
    await tool(alice, 'delete_sandbox', { sandbox_id });
  }, 120_000);
});

it('over stdio, a wrong token is an error of each tool that says where it is set', async () => {
  const client = await servers.connect('stdio', 'wrong');
  const { isError, content } = await tryTool(client, 'list_sandboxes', {});
  expect(isError).toBe(true);
  expect(JSON.stringify(content)).toContain('SANDBOXED_TOKEN');
}, 60_000);

it('over HTTP, nobody gets a session without a good token, or the session of another', async () => {
  await expect(servers.connect('http', 'wrong')).rejects.toThrow(
    'Authorization: Bearer',
  );
  const initialize = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
    params: {
      ...{ protocolVersion: '2025-06-18', capabilities: {} },
      clientInfo: { name: 'a test', version: '1' },
    },
  });
  const post = (headers: Record<string, string>, body = initialize) =>
    fetch(servers.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    });
  const bearer = { authorization: `Bearer ${ALICE}` };
  const none = await post({});
  expect(none.status).toBe(401);
  expect(none.headers.get('www-authenticate')).toBe('Bearer');
  expect(
    (await post({ ...bearer, origin: 'https://evil.example' })).status,
  ).toBe(403);
  expect(
    (await post(bearer, '{"jsonrpc":"2.0","id":1,"method":"ping"}')).status,
  ).toBe(400);

  const alice = await servers.connect('http', ALICE);
  const headers = sessionHeaders(alice);
  const list = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}';
  expect((await post(headers, list)).status).toBe(200);
  const bobs = { ...headers, authorization: `Bearer ${BOB}` };
  expect((await post(bobs, list)).status).toBe(404);
}, 60_000);

function sessionHeaders({ transport }: Client): Record<string, string> {
  return {
    authorization: `Bearer ${ALICE}`,
    'mcp-session-id': transport?.sessionId ?? '',
  };
}

/** Fails unless the command is ended soon. */
async function untilNothingSleeps(
  client: Client,
  sandbox_id: string,
): Promise<void> {
  await until('the command to be ended', 20_000, async () => {
    const { stdout } = await tool(client, 'run_command', {
      ...{ sandbox_id, command: 'pgrep -xc sleep' },
    });
    return stdout === '0\n' ? true : undefined;
  });
}
