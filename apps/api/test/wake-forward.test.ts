import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { SandboxId } from '@sandboxed/domain';
import type { World } from './support.ts';
import {
  afterwards,
  cleanUp,
  listen,
  noSandbox,
  running,
  world,
} from './support.ts';
import { agentSays, ask, hostOf, textOf, waking } from './wake-support.ts';

afterEach(cleanUp);

/** A sandbox whose app listens. */
async function awake(deps: World): Promise<SandboxId> {
  const id = await running(deps, await listen(deps));
  await agentSays(deps, id, () => true);
  return id;
}

/** Asks for a web socket; resolves with all that comes until the other side ends. */
async function upgrade(
  port: number,
  host: string,
  bytes = '',
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  afterwards(() => socket.destroy());
  socket.setEncoding('utf8');
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${bytes}`,
  );
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

/** An app that echoes one message over a web socket and ends. */
function echo(): Server {
  const app = createServer();
  app.on('upgrade', (_request, socket: Socket, head: Buffer) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    socket.unshift(head);
    socket.once('data', (message: Buffer) => {
      socket.end(`echo ${message.toString()}`);
    });
  });
  return app;
}

it('sends a request once more while the edge has no route, with its body, and the app sees it once', async () => {
  const deps = await world();
  const id = await awake(deps);
  const seen: string[] = [];
  let asked = 0;
  const edge = createServer((request, response) => {
    asked += 1;
    if (asked < 3) {
      response.writeHead(503, { 'x-sandboxed-retry': 'secret' }).end();
      return;
    }
    void textOf(request).then((text) => {
      seen.push(text);
      response.writeHead(201, { 'x-app': 'yes' }).end('made');
    });
  });
  const port = await waking(deps, edge);
  const answer = await ask(port, hostOf(id), {}, '/', 'the body');
  expect([
    answer.statusCode,
    answer.headers['x-app'],
    await textOf(answer),
  ]).toEqual([201, 'yes', 'made']);
  expect(seen).toEqual(['the body']);
});

it("passes an app's own answer on that tells to ask again", async () => {
  const deps = await world();
  const id = await awake(deps);
  let asked = 0;
  const app = createServer((_request, response) => {
    asked += 1;
    response.writeHead(503, { 'x-sandboxed-retry': '1' }).end('of the app');
  });
  const answer = await ask(await waking(deps, app), hostOf(id));
  expect(await textOf(answer)).toBe('of the app');
  expect(asked).toBe(1);
});

it('joins both sides of a web socket', async () => {
  const deps = await world();
  const id = await awake(deps);
  const text = await upgrade(await waking(deps, echo()), hostOf(id), 'hello');
  expect(text).toMatch(/^HTTP\/1\.1 101 /);
  expect(text).toMatch(/echo hello$/);
});

it('tells a web socket of an unknown sandbox 404', async () => {
  const port = await waking(await world());
  expect(await upgrade(port, hostOf(noSandbox()))).toMatch(
    /^HTTP\/1\.1 404 Not Found\r\n[^]*X-Sandboxed-Error: sandbox_not_found\r\n/,
  );
});

it('tells a web socket of a sandbox that is woken by hand 503', async () => {
  const deps = await world();
  const id = await running(deps, await listen(deps), { wake: 'manual' });
  const by = { actor: 'test', reason: 'test', now: 1 };
  deps.store.sandboxes.transition(id, 'stop', by);
  deps.store.sandboxes.transition(id, 'exited', by);
  expect(await upgrade(await waking(deps), hostOf(id))).toMatch(
    /^HTTP\/1\.1 503 /,
  );
});

it('tells a web socket 502 when the app breaks off', async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer();
  edge.on('upgrade', (_request, socket: Socket) => socket.destroy());
  expect(await upgrade(await waking(deps, edge), hostOf(id))).toMatch(
    /^HTTP\/1\.1 502 /,
  );
});

it("passes on an app's refusal of a web socket as an answer that ends", async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer();
  edge.on('upgrade', (_request, socket: Socket) => {
    socket.end(
      'HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\nX-App: yes\r\n\r\n4\r\nno!!\r\n0\r\n\r\n',
    );
  });
  const [head = '', body] = (
    await upgrade(await waking(deps, edge), hostOf(id))
  ).split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  expect(head).toContain('X-App: yes');
  expect(head.toLowerCase()).toContain('connection: close');
  expect(head.toLowerCase()).not.toContain('transfer-encoding');
  expect(body).toBe('no!!');
});

it('gives up an app that does not begin to answer', async () => {
  const deps = await world();
  const id = await awake(deps);
  const port = await waking(
    deps,
    createServer(() => undefined),
    { answerMs: 50 },
  );
  expect((await ask(port, hostOf(id))).statusCode).toBe(502);
});

it('lets a stream be quiet once it has begun', async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer((_request, response) => {
    response.write('begun, ');
    setTimeout(() => response.end('ended'), 300);
  });
  const answer = await ask(
    await waking(deps, edge, { answerMs: 50 }),
    hostOf(id),
  );
  expect(await textOf(answer)).toBe('begun, ended');
});

it('lets a web socket be quiet', async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer();
  edge.on('upgrade', (_request, socket: Socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    setTimeout(() => socket.end('late'), 300);
  });
  expect(
    await upgrade(await waking(deps, edge, { answerMs: 50 }), hostOf(id)),
  ).toMatch(/late$/);
});

it('lets go of the app when its caller goes away before the answer', async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer();
  const port = await waking(deps, edge);
  const socket = connect(port, '127.0.0.1');
  const letGo = new Promise((resolve) => {
    edge.on('request', (_request, response) => {
      response.on('close', resolve);
      socket.destroy();
    });
  });
  socket.write(`GET / HTTP/1.1\r\nHost: ${hostOf(id)}\r\n\r\n`);
  await letGo;
});

it('holds a bounded number of requests of one sandbox, and others still wake', async () => {
  const deps = await world();
  const [busy, other] = [await awake(deps), await awake(deps)];
  const waiting: (() => void)[] = [];
  const edge = createServer((request, response) => {
    if (request.headers.host === hostOf(other)) response.end('woken');
    else waiting.push(() => response.end('at last'));
  });
  const reached = new Promise<void>((resolve) => {
    edge.on('request', () => {
      if (waiting.length === 64) resolve();
    });
  });
  const port = await waking(deps, edge);
  const held = Array.from({ length: 64 }, () => ask(port, hostOf(busy)));
  await reached;
  const more = await ask(port, hostOf(busy));
  expect([more.statusCode, more.headers['retry-after']]).toEqual([503, '2']);
  expect((await ask(port, hostOf(other))).statusCode).toBe(200);
  for (const answer of waiting) answer();
  for (const answer of await Promise.all(held))
    expect(await textOf(answer)).toBe('at last');
  const after = ask(port, hostOf(busy));
  await once(edge, 'request');
  waiting.at(-1)?.();
  expect((await after).statusCode).toBe(200);
});

it('says so when an app answers with another protocol unasked', async () => {
  const deps = await world();
  const id = await awake(deps);
  const edge = createServer(({ socket }) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
  });
  const answer = await ask(await waking(deps, edge), hostOf(id));
  expect(answer.statusCode).toBe(502);
}, 10_000);

it('sends a large body again less and less often, until the route was given its time', async () => {
  const deps = await world();
  const id = await awake(deps);
  let asked = 0;
  const edge = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      asked += 1;
      response.writeHead(503, { 'x-sandboxed-retry': 'secret' }).end();
    });
  });
  const port = await waking(deps, edge);
  const body = 'x'.repeat(100_000);
  expect((await ask(port, hostOf(id), {}, '/', body)).statusCode).toBe(504);
  expect(asked).toBeLessThan(150);
});
