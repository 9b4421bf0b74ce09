import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MAX_BODY_BYTES } from '../src/read-body.ts';
import { workerPolicy } from '../src/worker-policy.ts';
import type { Setting } from './fake-engine.ts';
import { openSetting } from './fake-engine.ts';
import { newId, validBody } from './valid-body.ts';

const ID = 'a'.repeat(64);
const FOREIGN = 'b'.repeat(64);
const sandbox = newId();

const state = {
  Status: 'running',
  Running: true,
  Paused: false,
  ExitCode: 0,
  OOMKilled: false,
};
const details = (Id: string, Labels: object, directory: string) => ({
  Id,
  Name: '/x',
  Config: { Labels, Env: ['SECRET=1'] },
  State: state,
  HostConfig: {
    Mounts: [{ Type: 'bind', Source: `${directory}/workspaces/${sandbox}` }],
  },
});

let setting: Setting;
let respond: RequestListener;
beforeEach(async () => {
  respond = (incoming, outgoing) => {
    const ours = {
      'sandboxed.managed': 'true',
      'sandboxed.instance': 'sandboxed',
      'sandboxed.id': sandbox,
    };
    outgoing.setHeader('content-type', 'application/json');
    outgoing.setHeader('api-version', '1.45');
    outgoing.setHeader('x-other', 'y');
    const { directory } = setting;
    if (incoming.url?.includes('/ours/') === true)
      outgoing.end(JSON.stringify(details(ID, ours, directory)));
    else if (incoming.url?.includes('/foreign/') === true)
      outgoing.end(
        JSON.stringify(
          details(
            FOREIGN,
            { ...ours, 'sandboxed.instance': 'another' },
            directory,
          ),
        ),
      );
    else outgoing.end('{"from":"engine"}');
  };
  setting = await openSetting(workerPolicy, (incoming, outgoing) => {
    respond(incoming, outgoing);
  });
});
afterEach(() => setting.close());

interface Said {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
async function call(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<Said> {
  const outgoing = request({
    socketPath: setting.socketPath,
    agent: false,
    method,
    path,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: await text(incoming),
  };
}
const lines = (): readonly string[] => setting.arrived.map(({ line }) => line);
const body = () =>
  validBody(
    {
      instance: 'sandboxed',
      dataDir: setting.directory,
      runtime: 'runc',
      bridgePrefix: 'sbxd',
    },
    sandbox,
  );
const create = `/containers/create?name=s-${sandbox.toLowerCase()}`;

test('a call is made anew: no header of the client reaches the Engine, and of its answer what clients need comes back', async () => {
  const said = await call('GET', '/v1.45/version', '', {
    'x-registry-auth': 'secret',
    'x-forwarded-for': '1.2.3.4',
    cookie: 'a=b',
  });
  expect(said).toMatchObject({ status: 200, body: '{"from":"engine"}' });
  expect(said.headers).toMatchObject({ 'api-version': '1.45' });
  expect(said.headers).not.toHaveProperty('x-other');
  expect(lines()).toEqual(['GET /v1.45/version']);
  expect(setting.arrived[0]?.headers.join(' ')).not.toMatch(
    /secret|1\.2\.3\.4|a=b/,
  );
});

test('a refusal names its rule, is logged, and nothing reaches the Engine', async () => {
  const said = await call('POST', '/containers/ours/exec', '{"Cmd":["sh"]}');
  expect(said.status).toBe(403);
  expect(JSON.parse(said.body)).toEqual({
    message: 'This call is not one that a worker makes.',
  });
  expect(setting.refusals).toMatchObject([
    { call: { method: 'POST', url: '/containers/ours/exec' } },
  ]);
  expect(lines()).toEqual([]);
});

test('what is checked is what is sent: of a key that is there twice the one that was read', async () => {
  const valid = JSON.stringify(body());
  const twice = valid
    .replace('"Privileged":false', '"Privileged":true,"Privileged":false')
    .replace(/^\{/, '{"Image":"evil",');
  expect((await call('POST', create, twice)).status).toBe(200);
  expect(setting.arrived[0]?.body).toBe(valid);
  const inherited = valid.replace(/^\{/, '{"__proto__":{"User":"root"},');
  expect((await call('POST', create, inherited)).status).toBe(403);
  const last = valid.replace(
    '"Privileged":false',
    '"Privileged":false,"Privileged":true',
  );
  expect((await call('POST', create, last)).status).toBe(403);
});

test.each([
  ['bytes after the body', '{"a":1}}', 400],
  ['two bodies', '{"a":1}{"b":2}', 400],
  ['no JSON', 'Privileged', 400],
  ['no object', '[]', 403],
  ['too much', `{"Image":"${'x'.repeat(MAX_BODY_BYTES)}"}`, 413],
])('a body with %s is refused', async (_what, sent, status) => {
  expect((await call('POST', create, sent)).status).toBe(status);
  expect(lines()).toEqual([]);
});

test('a length and chunks at once, a second length and a broken chunk get nowhere', async () => {
  const head = `POST ${create} HTTP/1.1\r\nHost: x\r\n`;
  for (const rest of [
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
    'Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}',
    'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n',
    'Content-Length: +2\r\n\r\n{}',
    'Content-Length : 2\r\n\r\n{}',
    'X: a\rContent-Length: 2\r\n\r\n{}',
  ])
    expect(await setting.raw(head + rest)).toMatch(/^HTTP\/1\.1 400 /);
  expect(lines()).toEqual([]);
});

test('a second request behind the first is looked at like the first', async () => {
  const said = await setting.raw(
    'GET /version HTTP/1.1\r\nHost: x\r\n\r\nPOST /containers/x/exec HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
    'not one that',
  );
  expect(said).toContain('403 Forbidden');
  expect(lines()).toEqual(['GET /version']);
});

test('a body where none belongs is not sent on, and no request in it', async () => {
  const hidden = 'POST /containers/x/exec HTTP/1.1\r\nHost: x\r\n\r\n';
  const said = await setting.raw(
    `GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
  expect((await call('POST', '/containers/ours/start', '{"a":1}')).status).toBe(
    200,
  );
  expect(setting.arrived.map((each) => each.body)).toEqual(['', '']);
});

test('no protocol is changed', async () => {
  for (const [line, more] of [
    ['POST /containers/ours/start', 'Upgrade: tcp\r\nConnection: Upgrade\r\n'],
    ['GET /info', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n'],
    ['POST /session', 'Upgrade: h2c\r\nConnection: Upgrade\r\n'],
  ] as const)
    expect(
      await setting.raw(`${line} HTTP/1.1\r\nHost: x\r\n${more}\r\n`, '}'),
    ).toMatch(/^HTTP\/1\.1 403 /);
  expect(
    await setting.raw('CONNECT /info HTTP/1.1\r\nHost: x\r\n\r\n'),
  ).not.toMatch(/^HTTP\/1\.1 2/);
  expect(await setting.raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 /,
  );
  expect(lines()).toEqual([]);
});

test('forms of an address that two readers could read in two ways are refused', async () => {
  for (const target of [
    'http://docker/version',
    '//version',
    '/containers/x%2f..%2f..%2fversion/json',
    '/containers/../version',
    '/version/',
    '/version%3f',
    '/VERSION',
  ])
    expect(
      await setting.raw(
        `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 403 /);
  expect(lines()).toEqual([]);
});

test('a container is acted on by its id alone, and only if it is ours', async () => {
  await call('POST', '/containers/ours/stop?t=3', '{"t":3}');
  expect(lines()).toEqual([
    'GET /containers/ours/json',
    `POST /containers/${ID}/stop?t=3`,
  ]);
  const said = await call('POST', '/containers/foreign/stop?t=3');
  expect(said).toMatchObject({
    status: 403,
    body: '{"message":"This container is not one of this installation."}',
  });
  expect(lines()).toHaveLength(3);
});

test('the Engine is asked once whose a Docker id is, and each time whose a name is', async () => {
  await call('GET', '/containers/ours/json');
  await call('POST', `/containers/${ID}/start`);
  await call('POST', '/containers/ours/start');
  await call('POST', '/containers/foreign/start');
  await call('POST', '/containers/foreign/start');
  expect(lines()).toEqual([
    'GET /containers/ours/json',
    `POST /containers/${ID}/start`,
    'GET /containers/ours/json',
    `POST /containers/${ID}/start`,
    'GET /containers/foreign/json',
    'GET /containers/foreign/json',
  ]);
});

test('of a container that is not ours a client learns that it is there, and no more', async () => {
  const ours = await call('GET', '/containers/ours/json');
  expect(ours.body).toContain('SECRET');
  const said = await call('GET', '/containers/foreign/json');
  expect(JSON.parse(said.body)).toEqual({
    Id: FOREIGN,
    Name: '/x',
    Config: { Labels: {} },
    Mounts: [],
    State: state,
  });
});

test.each([
  ['leads out', '/'],
  ['leads nowhere yet', '/no/such/place'],
])(
  'a link that %s is no workspace, when a container is made and when it is started',
  async (_what, target) => {
    await mkdir(join(setting.directory, 'workspaces'));
    await mkdir(join(setting.directory, 'run'));
    const home = join(setting.directory, 'workspaces', sandbox);
    await symlink(target, home);
    const made = await call('POST', create, JSON.stringify(body()));
    expect(made.status).toBe(403);
    expect(made.body).toContain('no link');
    expect(lines()).toEqual([]);
    const started = await call('POST', '/containers/ours/start');
    expect(started.status).toBe(403);
    expect(lines()).toEqual(['GET /containers/ours/json']);
  },
);

test('a link in the place of all workspaces is refused, too', async () => {
  await mkdir(join(setting.directory, 'db', sandbox), { recursive: true });
  await symlink('db', join(setting.directory, 'workspaces'));
  expect((await call('POST', create, JSON.stringify(body()))).status).toBe(403);
});

test('an Engine that is away looks to a client like one, and is there again for the next call', async () => {
  await setting.stopEngine();
  await expect(call('GET', '/version')).rejects.toThrow('socket hang up');
  await setting.startEngine();
  expect((await call('GET', '/version')).status).toBe(200);
});

test('a stream is passed on as it comes, and ends when the Engine goes away', async () => {
  respond = (_incoming, outgoing) => {
    outgoing.write('{"Type":"container"}\n');
  };
  const outgoing = request({
    socketPath: setting.socketPath,
    path: '/events?filters=%7B%7D',
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const [chunk] = (await once(incoming, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('{"Type":"container"}\n');
  const ended = once(incoming, 'error');
  await setting.stopEngine();
  expect(await ended).toMatchObject([{ message: 'aborted' }]);
});

test('the head of a stream comes before its first event', async () => {
  respond = (_incoming, outgoing) => {
    outgoing.flushHeaders();
  };
  const outgoing = request({
    socketPath: setting.socketPath,
    path: '/events?filters=%7B%7D',
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  expect(incoming.statusCode).toBe(200);
  outgoing.destroy();
});

test.each([
  ['before the Engine answers', '/version', false],
  ['in the middle of a stream', '/events?filters=%7B%7D', true],
])(
  'a client that goes away %s ends its call of the Engine',
  async (_when, path, answers) => {
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let told: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      told = resolve;
    });
    respond = (_incoming, response) => {
      response.on('close', told);
      if (answers) response.flushHeaders();
      arrive();
    };
    const outgoing = request({ socketPath: setting.socketPath, path });
    outgoing.on('error', () => undefined);
    const response = answers ? once(outgoing, 'response') : arrived;
    outgoing.end();
    await response;
    outgoing.destroy();
    await closed;
  },
);
