import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dial } from '../../apps/api/test/dial.ts';
import type { Dialed } from '../../apps/api/test/dial.ts';
import { cleanUp } from '../../libs/queue/test/support.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

const ADMIN = { authorization: 'Bearer adminadminadminadm' };
const BEN = { authorization: 'Bearer benbenbenbenbenb' };

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack({
    apiEnv: {
      SANDBOXD_API_TOKENS: 'admin:adminadminadminadm,ben:benbenbenbenbenb',
    },
  });
}, 60_000);
afterEach(cleanUp);
afterAll(() => stack.close(), 60_000);

async function call(method: string, path: string, body?: object) {
  const response = await fetch(stack.api + path, {
    method,
    headers: { 'content-type': 'application/json', ...ADMIN },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return z.looseObject({}).parse(await response.json());
}

async function create(body: object = {}): Promise<string> {
  const made = await call('POST', '/v1/sandboxes?wait=60', body);
  return z.string().parse(made['id']);
}

const pathOf = (id: string, query = ''): string =>
  `${stack.api}/v1/sandboxes/${id}/terminal?${query}`;

async function open(
  id: string,
  query = '',
  headers: Readonly<Record<string, string>> = ADMIN,
): Promise<Dialed> {
  const shown = await dial(pathOf(id, query), headers);
  await shown.message('ready');
  return shown;
}

const sh = (script: string): string =>
  `cmd=bash&cmd=-c&cmd=${encodeURIComponent(script)}`;

it('is a login shell in the app directory: size, resize, ctrl-C, exit code', async () => {
  const id = await create({ env: { KEY: 'of the sandbox' } });
  const shown = await open(id, 'cols=101&rows=41');
  shown.type('id -un; pwd; stty size; echo "<$KEY>"; tty\n');
  await shown.shows('sandbox\r\n/home/sandbox/workspace/app\r\n41 101\r\n');
  await shown.shows('<of the sandbox>');
  await shown.shows('/dev/pts/');
  shown.say({ type: 'resize', cols: 60, rows: 20 });
  shown.type('stty size\n');
  await shown.shows('20 60');
  shown.type('echo up$((6 * 7)); sleep 1000\n');
  await shown.shows('up42');
  shown.type('\x03');
  await shown.shows('^C');
  shown.type('exit 9\n');
  expect(await shown.closed).toBe(1000);
  expect(shown.messages.at(-1)).toEqual({ type: 'exit', exit_code: 9 });
}, 60_000);

it('passes what full-screen programs write, and letters that two frames share, untouched', async () => {
  const id = await create();
  const shown = await open(id, sh('stty raw -echo; echo up; exec cat'));
  await shown.shows('up');
  const before = shown.bytes().length;
  const sent = Buffer.from(
    '\x1b[?1049h\x1b[2J\x1b[1;1Hä€😀\x1b[?1049l\x00\xff',
  );
  for (const byte of sent) shown.socket.send(Buffer.from([byte]));
  await until(
    'all bytes',
    15_000,
    () => shown.bytes().length >= before + sent.length,
  );
  expect(shown.bytes().subarray(before)).toEqual(sent);
}, 60_000);

it('survives a killed api, and is resumed where it was', async () => {
  const id = await create();
  const first = await open(id, sh('echo one; read x; echo "two$x"; read y'));
  await first.shows('one');
  const { terminal } = await first.message('ready');
  await stack.child('api').kill();
  await first.closed;
  await stack.ready();
  const at = `terminal=${String(terminal)}&after=${String(first.bytes().length)}`;
  const second = await open(id, at);
  second.type('!\n');
  await second.shows('two!');
  expect(second.text()).not.toContain('one');
  second.type('\n');
  expect(await second.message('exit')).toMatchObject({ exit_code: 0 });
}, 60_000);

it('lets a flood wait for a reader that stalls, within little memory of api and agent', async () => {
  const id = await create();
  const rss = (pid: number | undefined): number =>
    Number(
      /VmRSS:\s+(\d+)/.exec(
        readFileSync(`/proc/${String(pid)}/status`, 'utf8'),
      )?.[1],
    ) / 1_024;
  const [agentPid] = await docker(
    ...['inspect', '--format', '{{.State.Pid}}', `s-${id.toLowerCase()}`],
  );
  const agents = readFileSync(
    `/proc/${String(agentPid)}/task/${String(agentPid)}/children`,
    'utf8',
  )
    .trim()
    .split(' ')
    .map(Number);
  const all = (): number =>
    [stack.child('api').pid(), Number(agentPid), ...agents]
      .map((pid) => rss(pid))
      .reduce((sum, mb) => sum + mb, 0);
  const shown = await open(id, sh('read x; seq 6000000; echo the end'));
  const before = all();
  shown.socket.pause();
  shown.type('\n');
  let still = 0;
  let last = -1;
  await until('memory to grow no more', 30_000, () => {
    const now = Math.round(all());
    still = now === last ? still + 1 : 0;
    last = now;
    return still >= 5;
  });
  expect(all() - before).toBeLessThan(40);
  shown.socket.resume();
  await shown.closed;
  expect(shown.text().endsWith('6000000\r\nthe end\r\n')).toBe(true);
}, 90_000);

it('keeps a sandbox awake only while something is shown; a silent one sleeps, says so, and wakes for the next terminal', async () => {
  const idle = { idle_timeout_seconds: 5 };
  const [quiet, busy] = await Promise.all([create(idle), create(idle)]);
  const silent = await open(quiet, sh('echo up; sleep 1000'));
  const printing = await open(busy, sh('while sleep 1; do printf .; done'));
  expect(await silent.closed).toBe(4409);
  expect(await silent.message('error')).toMatchObject({
    code: 'sandbox_not_running',
  });
  const shown = printing.text().length;
  await until(
    'more to be shown',
    30_000,
    () => printing.text().length > shown + 6,
  );
  expect(printing.socket.readyState).toBe(printing.socket.OPEN);
  const woken = await dial(pathOf(quiet, sh('echo here again')), ADMIN);
  await woken.message('waiting');
  expect(await woken.message('exit')).toMatchObject({ exit_code: 0 });
  expect(woken.text()).toBe('here again\r\n');
}, 120_000);

it('is nobody’s but its tenant’s, and of no other page', async () => {
  const id = await create();
  await expect(dial(pathOf(id))).rejects.toThrow(/^401 /);
  await expect(dial(pathOf(id), BEN)).rejects.toThrow(/^404 /);
  const origin = 'https://evil.example';
  await expect(dial(pathOf(id), { ...ADMIN, origin })).rejects.toThrow(
    /^403 .*forbidden_origin/,
  );
  const { protocols } = await call(
    'POST',
    `/v1/sandboxes/${id}/terminal-tickets`,
  );
  const words = z.array(z.string()).parse(protocols);
  const page = await dial(pathOf(id), { origin: stack.api }, words);
  await page.message('ready');
  const key = await call('POST', '/v1/keys', {
    ...{ name: 'k', tenant: 'admin', scopes: ['write'] },
  });
  const shown = await open(id, '', {
    authorization: `Bearer ${String(key['secret'])}`,
  });
  await call('DELETE', `/v1/keys/${String(key['id'])}`);
  expect(await shown.closed).toBe(4401);
}, 60_000);
