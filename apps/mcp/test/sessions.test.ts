import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Sessions } from '../src/http/sessions.ts';
import { createSessions } from '../src/http/sessions.ts';

let now = 0;
let sessions: Sessions;
beforeEach(() => {
  now = 0;
  sessions = createSessions({ all: 3, each: 2, idleMs: 30 }, () => now);
});
afterEach(() => sessions.close());

async function begin(caller: string) {
  const server = new McpServer({ name: 'a test', version: '1' });
  const closed = jest.fn();
  const session = await sessions.begin(caller, server);
  const forget = server.server.onclose;
  server.server.onclose = () => {
    forget?.();
    closed();
  };
  return { ...session, closed };
}

it('makes room for a caller by what it used the longest ago', async () => {
  const first = await begin('a');
  now = 1;
  const second = await begin('a');
  now = 2;
  await begin('a');
  expect(first.closed).toHaveBeenCalled();
  expect(second.closed).not.toHaveBeenCalled();
});

it('ends nothing that is at work, and refuses instead', async () => {
  for (const each of [await begin('a'), await begin('a')]) each.use();
  await expect(begin('a')).rejects.toMatchObject({ status: 429 });
  (await begin('b')).use();
  await expect(begin('b')).rejects.toMatchObject({ status: 503 });
});

it('makes room for another by what is idle of whoever has most', async () => {
  const first = await begin('a');
  now = 1;
  const second = await begin('b');
  now = 2;
  const third = await begin('b');
  await begin('c');
  expect(first.closed).not.toHaveBeenCalled();
  expect(second.closed).toHaveBeenCalled();
  expect(third.closed).not.toHaveBeenCalled();
});

it('ends what nobody uses', async () => {
  const idle = await begin('a');
  const busy = await begin('b');
  busy.use();
  const ended = new Promise((resolve) => {
    idle.closed.mockImplementation(resolve);
  });
  now = 31;
  await ended;
  expect(busy.closed).not.toHaveBeenCalled();
});

it('ends what never began to talk MCP', async () => {
  const { use, closed } = await begin('a');
  use()();
  expect(closed).toHaveBeenCalled();
});
