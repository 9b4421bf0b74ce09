import type { Connection } from '@sandboxed/sdk';
import {
  ConflictError,
  InvalidRequestError,
  Jobs,
  Client,
  NotFoundError,
  Sandbox,
} from '@sandboxed/sdk';
import type { CuttingProxy } from '../src/cutting-proxy.ts';
import { cuttingProxy } from '../src/cutting-proxy.ts';
import { modelEnv, startModel } from '../src/model.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { preview, until, WEB_SERVICE } from '../src/stack.ts';

let stack: OwnStack;
let proxy: CuttingProxy;
let connection: Connection;
let stopModel: (() => Promise<void>) | undefined;
const made: Sandbox[] = [];

beforeAll(async () => {
  stopModel = await startModel();
  stack = await startOwnStack();
  proxy = await cuttingProxy(stack.api);
  connection = { baseUrl: proxy.url };
}, 180_000);
afterEach(async () => {
  for (const sandbox of made.splice(0))
    await sandbox.purge().catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await stack.close();
  await stopModel?.();
}, 60_000);

async function create(
  spec: Partial<Parameters<typeof Sandbox.create>[0]> = {},
): Promise<Sandbox> {
  const sandbox = await Sandbox.create({ ...connection, ...spec });
  made.push(sandbox);
  return sandbox;
}

it('lives a whole life: create, run, files, service, preview, stop, wake, purge', async () => {
  const sbx = await create({ name: 'life', labels: { a_b: 'c_d' } });
  expect(sbx.info).toMatchObject({
    status: 'running',
    name: 'life',
    labels: { a_b: 'c_d' },
  });

  expect(
    await sbx.commands.run('echo "$A_B"; echo bad >&2; exit 3', {
      env: { A_B: 'c' },
    }),
  ).toMatchObject({ exitCode: 3, stdout: 'c\n', stderr: 'bad\n' });
  expect(
    await sbx.commands.run(['cat', '-'], { stdin: 'in', timeoutSeconds: 5 }),
  ).toMatchObject({ exitCode: 0, stdout: 'in', timedOut: false });
  await sbx.commands.background('sleep 600; echo never');

  const { files } = sbx;
  const bytes = new Uint8Array([0, 255, 10, 13]);
  expect(await files.write('a/ä b.bin', bytes)).toMatchObject({ size: 4 });
  expect(await files.readBytes('a/ä b.bin')).toEqual(bytes);
  await files.write('note', new Blob(['of a ', 'stream']).stream());
  expect(await files.read('note')).toBe('of a stream');
  await files.mkdir('b/c');
  await files.move('a/ä b.bin', 'b/c/d');
  expect(await files.stat('b/c/d')).toMatchObject({ type: 'file', size: 4 });
  expect(await files.stat('./b/c/')).toMatchObject({ type: 'directory' });
  expect(await files.stat('no/such')).toBeUndefined();
  expect(await files.exists('b/c/d')).toBe(true);
  const { entries } = await files.list('', { recursive: true });
  expect(entries.map(({ path }) => path).sort()).toEqual(
    expect.arrayContaining(['a', 'b', 'b/c', 'b/c/d', 'note']),
  );
  const archive = await new Response(await files.downloadTar()).bytes();
  await files.remove('b', { recursive: true });
  await expect(files.read('b/c/d')).rejects.toThrow(NotFoundError);
  expect(await files.uploadTar(archive)).toMatchObject({
    files: expect.any(Number),
  });
  expect(await files.readBytes('b/c/d')).toEqual(bytes);

  await sbx.services.put('web', WEB_SERVICE);
  const { url } = await sbx.preview(3000).ready();
  const through = { port: stack.edgePort };
  expect(await preview(url, through)).toMatchObject({ status: 200 });
  // The agent looks at its port by and by: a preview may be there sooner.
  const [web] = await until('the service to run', 15_000, async () => {
    const services = await sbx.services.list();
    return services.every(({ status }) => status === 'running') && services;
  });
  expect(web).toMatchObject({ name: 'web', source: 'declared' });
  await sbx.services.restart('web');
  await until('the request in the log', 15_000, async () =>
    (await sbx.services.logs('web', { tail: 20 })).includes('"GET / HTTP/1.'),
  );
  expect(() => sbx.preview(4000)).toThrow(InvalidRequestError);

  await sbx.update({ idleTimeoutSeconds: 900, labels: { a_b: null, e: 'f' } });
  expect(sbx.info).toMatchObject({
    idleTimeoutSeconds: 900,
    labels: { e: 'f' },
  });
  const awakeUntil = await sbx.keepalive({ seconds: 3600 });
  expect(awakeUntil.getTime()).toBeGreaterThan(Date.now() + 3_500_000);

  const again = await Sandbox.connect(sbx.id, connection);
  expect(again.info).toMatchObject({ id: sbx.id, idleTimeoutSeconds: 900 });

  await sbx.stop({ force: true });
  expect(sbx.info.status).toBe('stopped');
  expect(await preview(url, through)).toMatchObject({
    status: 200,
    text: expect.stringContaining('note=of a stream'),
  });
  expect((await sbx.refresh()).status).toBe('running');
  await sbx.services.remove('web');

  await sbx.purge();
  await expect(sbx.refresh()).rejects.toThrow(NotFoundError);
}, 180_000);

it('keeps the files of what was deleted for the next sandbox of its id', async () => {
  const first = await create();
  await first.files.write('kept', 'x');
  await first.delete();
  const second = await create({ id: first.id });
  expect(await second.files.read('kept')).toBe('x');
}, 120_000);

it('follows a coding agent from its beginning to its result', async () => {
  const sbx = await create({ env: modelEnv() });
  const task = await sbx.tasks.run({
    agent: 'codex',
    prompt:
      '[[write path=hello.txt content="made by an agent"]] [[done text=finished]]',
  });
  const types: string[] = [];
  for await (const event of task) {
    types.push(event.type);
    if (event.type === 'message' && event.data.role === 'agent')
      expect(event.data.text).toContain('finished');
  }
  expect(types).toEqual(
    expect.arrayContaining(['status', 'tool', 'message', 'usage']),
  );
  expect(types.at(-1)).toBe('done');
  expect(await task.result()).toMatchObject({
    status: 'succeeded',
    agentMessageFinal: 'finished',
    filesChanged: [{ path: 'hello.txt', change: 'added' }],
    tokens: { cacheRead: expect.any(Number) },
  });
  expect(await sbx.files.read('hello.txt')).toBe('made by an agent');
  const listed: string[] = [];
  for await (const { id } of sbx.tasks.list()) listed.push(id);
  expect(listed).toEqual([task.id]);
  await sbx.tasks.revert(task.id);
  expect(await sbx.files.stat('hello.txt')).toBeUndefined();
}, 180_000);

it('tells each piece of output once, in order, however often the connection is cut', async () => {
  const sbx = await create();
  const command = await sbx.commands.stream(
    'for i in 1 2 3 4 5 6; do echo $i; sleep 0.3; done; echo end >&2; exit 7',
  );
  let out = '';
  let errors = '';
  let cuts = 0;
  for await (const { stream, text } of command) {
    if (stream === 'stderr') errors += text;
    else {
      out += text;
      cuts += proxy.cut() > 0 ? 1 : 0;
    }
  }
  expect([out, errors]).toEqual(['1\n2\n3\n4\n5\n6\n', 'end\n']);
  expect(cuts).toBeGreaterThan(2);
  expect(await command.result()).toMatchObject({ exitCode: 7 });
}, 120_000);

it('makes one sandbox however often the answer is lost', async () => {
  let lost = 0;
  const losing: typeof fetch = async (...call) => {
    const response = await fetch(...call);
    if (lost === 3) return response;
    lost += 1;
    await response.body?.cancel();
    throw new TypeError('the connection broke');
  };
  await create({ labels: { lost: 'yes' }, fetch: losing });
  expect(lost).toBe(3);
  const found: string[] = [];
  for await (const { id } of Sandbox.list({ ...connection, label: 'lost:yes' }))
    found.push(id);
  expect(found).toEqual(made.map(({ id }) => id));
}, 120_000);

it('leaves no sandbox behind that is no longer waited for', async () => {
  const controller = new AbortController();
  const why = new Error('enough');
  const aborting: typeof fetch = async (...call) => {
    const response = await fetch(...call);
    if (response.status === 202)
      setTimeout(() => {
        controller.abort(why);
      }, 0);
    return response;
  };
  const creating = Sandbox.create({
    ...connection,
    labels: { left: 'yes' },
    fetch: aborting,
    signal: controller.signal,
  });
  await expect(creating).rejects.toBe(why);
  const client = new Client(connection);
  await until('it to be gone', 30_000, async () => {
    const query = { label: 'left:yes' };
    const { items } = await client.json('get', '/v1/sandboxes', { query });
    return items.length === 0 ? true : undefined;
  });
}, 60_000);

it('ends a command, in the sandbox too, when its signal is aborted', async () => {
  const sbx = await create();
  const controller = new AbortController();
  const why = new Error('enough');
  const running = await sbx.commands.stream('echo begun; exec sleep 600', {
    signal: controller.signal,
  });
  const pieces = running[Symbol.asyncIterator]();
  expect(await pieces.next()).toMatchObject({ value: { text: 'begun\n' } });
  controller.abort(why);
  await expect(pieces.next()).rejects.toBe(why);
  const jobs = new Jobs(new Client(connection));
  expect(await jobs.wait(running.jobId)).toMatchObject({ status: 'cancelled' });
  expect(await sbx.commands.run('pgrep -x sleep')).toMatchObject({
    exitCode: 1,
  });
}, 120_000);

it('stops at the end of its block, whatever runs in it', async () => {
  let id = '';
  {
    await using sbx = await create();
    ({ id } = sbx);
    await sbx.commands.stream('exec sleep 600');
    await expect(sbx.stop()).rejects.toThrow(ConflictError);
  }
  const { info } = await Sandbox.connect(id, connection);
  expect(info.status).toBe('stopped');
}, 120_000);

it('tells of its own life, and follows the log of a service', async () => {
  const sbx = await create();
  for await (const event of sbx.events()) {
    if (event.type === 'state' && event.data.to === 'running') break;
  }
  await sbx.services.put('talk', {
    command: 'for i in 1 2 3; do echo said $i; sleep 0.1; done; sleep 600',
  });
  let said = '';
  for await (const text of sbx.services.follow('talk')) {
    said += text;
    if (said.includes('said 3')) break;
  }
  expect(said).toMatch(/said 1\n[^]*said 3/);
}, 120_000);

it('is a terminal whose bytes come once each, however often the connection is cut, until its shell ends', async () => {
  const sbx = await create({ env: { OF: 'the sandbox' } });
  await sbx.stop();
  const statuses: string[] = [];
  const terminal = await sbx.terminals.open({
    ...{ cols: 101, rows: 41 },
    env: { KEY: 'value' },
    onStatus: (status) => statuses.push(status),
  });
  expect(statuses).toEqual(['starting', 'connected']);
  let text = '';
  const pieces = terminal[Symbol.asyncIterator]();
  const shows = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) {
      const { value, done } = await pieces.next();
      if (done === true) throw new Error(`It ended, and showed: ${text}`);
      text += new TextDecoder('latin1').decode(value);
    }
  };
  await terminal.write('stty -echo; PS1=; stty size; echo "<$OF, $KEY>"\n');
  await shows('41 101');
  await shows('<the sandbox, value>');
  text = '';
  await terminal.write('for n in 1 2 3 4 5 6; do echo n$n; sleep 0.3; done\n');
  let cuts = 0;
  for (const n of [1, 2, 3, 4, 5]) {
    await shows(`n${n}`);
    cuts += proxy.cut() > 0 ? 1 : 0;
  }
  await shows('n6');
  expect(text.match(/n\d/g)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5', 'n6']);
  expect(terminal.lostBytes).toBe(0);
  expect(cuts).toBeGreaterThan(2);
  terminal.resize({ cols: 60, rows: 20 });
  await terminal.write('stty size; exit 9\n');
  await shows('20 60');
  expect(await terminal.exited).toEqual({ reason: 'exited', exitCode: 9 });
}, 120_000);

it('leaves a terminal running that is attached elsewhere, and ends one that is closed', async () => {
  const sbx = await create();
  const first = await sbx.terminals.open({
    cmd: ['bash', '-c', 'echo one; read x; echo "two$x"; sleep 600'],
  });
  const pieces = first[Symbol.asyncIterator]();
  expect((await pieces.next()).value?.length).toBe(5);
  await first.detach();
  expect(await first.exited).toEqual({ reason: 'detached' });
  const { id, offset } = first;
  const second = await sbx.terminals.attach(id, { after: offset });
  await second.write('!\n');
  let text = '';
  for await (const bytes of second) {
    text += new TextDecoder().decode(bytes);
    if (text.includes('two!')) break;
  }
  expect(text).not.toContain('one');
  const third = await sbx.terminals.attach(id);
  expect(await second.exited).toEqual({ reason: 'taken_over' });
  await third.close();
  await expect(sbx.terminals.attach(id)).rejects.toThrow(NotFoundError);
  expect(await sbx.commands.run('pgrep -x sleep')).toMatchObject({
    exitCode: 1,
  });
  await sbx.stop();
  await expect(sbx.terminals.attach(id)).rejects.toThrow(ConflictError);
}, 120_000);

it('follows a log with each line once, however often the connection is cut, until the sandbox sleeps', async () => {
  const sbx = await create();
  await sbx.services.put('talk', {
    command:
      'for n in 1 2 3 4 5 6; do echo said $n; sleep 0.3; done; exec sleep 600',
  });
  let said = '';
  let cuts = 0;
  const onGap = jest.fn();
  let stopping: Promise<void> | undefined;
  for await (const text of sbx.services.follow('talk', { onGap })) {
    said += text;
    if (said.includes('said 6\n')) stopping ??= sbx.stop({ force: true });
    else cuts += proxy.cut() > 0 ? 1 : 0;
  }
  await stopping;
  expect(said.match(/said \d/g)).toEqual(
    [1, 2, 3, 4, 5, 6].map((n) => `said ${n}`),
  );
  expect(cuts).toBeGreaterThan(2);
  expect(onGap).not.toHaveBeenCalled();
}, 120_000);
