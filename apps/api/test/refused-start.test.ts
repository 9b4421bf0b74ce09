import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { freshRedis, until } from '../../../libs/queue/test/support.ts';
import { afterwards, cleanUp } from './support.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'refused-'));
});
afterEach(async () => {
  await cleanUp();
  rmSync(dir, { recursive: true, force: true });
});

const MAIN = ['--no-warnings', join(__dirname, '../src/main.ts')];
const SECRET = 'annannannannannann';

const environment = (settings: Readonly<Record<string, string>>) => ({
  SANDBOXED_DATA_DIR: join(dir, 'data'),
  ...settings,
});

/** Starts the process as the image does. One that does not end by itself is a failure. */
function start(settings: Readonly<Record<string, string>>) {
  return spawnSync(process.execPath, MAIN, {
    env: environment(settings),
    encoding: 'utf8',
    timeout: 20_000,
  });
}

function file(text: string): string {
  const path = join(dir, 'tokens');
  writeFileSync(path, text);
  return path;
}

it.each<[string, () => Readonly<Record<string, string>>, readonly RegExp[]]>([
  [
    'beyond loopback without tokens',
    () => ({ SANDBOXED_API_BIND: '0.0.0.0:9090' }),
    [
      /SANDBOXD_API_TOKENS: is empty/,
      /give name:secret, or set SANDBOXED_API_BIND=127/,
    ],
  ],
  [
    'with auth and nobody to call it',
    () => ({ SANDBOXD_API_AUTH_DISABLED: 'false' }),
    [/SANDBOXD_API_TOKENS: is empty/, /give name:secret/],
  ],
  [
    'with a short secret',
    () => ({ SANDBOXD_API_TOKENS: 'ann:annann' }),
    [/SANDBOXD_API_TOKENS: the secret of "ann".*16/, /openssl rand/],
  ],
  [
    'with a name twice',
    () => ({ SANDBOXD_API_TOKENS: `ann:${SECRET},ann:${SECRET}x` }),
    [/SANDBOXD_API_TOKENS: the name "ann" is given twice/],
  ],
  [
    'with a file of tokens that is not there',
    () => ({ SANDBOXD_API_TOKENS_FILE: join(dir, 'none') }),
    [/SANDBOXD_API_TOKENS_FILE: cannot read .*none/],
  ],
  [
    'with a file of tokens that is empty',
    () => ({ SANDBOXD_API_TOKENS_FILE: file('\n') }),
    [/SANDBOXD_API_TOKENS_FILE: .*tokens is empty/],
  ],
  [
    'with tokens in two places',
    () => ({
      SANDBOXD_API_TOKENS: `ann:${SECRET}`,
      SANDBOXD_API_TOKENS_FILE: file(`ben:${SECRET}`),
    }),
    [/SANDBOXD_API_TOKENS: is set, and SANDBOXD_API_TOKENS_FILE too/],
  ],
])(
  'does not start %s: says which setting and what to do, and touches nothing',
  (_how, settings, words) => {
    const { status, stdout, stderr } = start(settings());
    expect([status, stdout]).toEqual([78, '']);
    for (const word of words) expect(stderr).toMatch(word);
    expect(stderr).toContain('Correct them in .env');
    expect(stderr).not.toContain('annann');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(dir, 'data'))).toBe(false);
  },
);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new Error('the server has no port');
  return String(address.port);
}

it('starts with a file of tokens, and asks for them', async () => {
  const redis = await freshRedis();
  const port = await freePort();
  const child = spawn(process.execPath, MAIN, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment({
      SANDBOXD_API_TOKENS_FILE: file(`ann:${SECRET}\n`),
      SANDBOXED_REDIS_URL: `unix://${redis.url}`,
      SANDBOXED_API_PORT: port,
      SANDBOXED_WAKE_PORT: await freePort(),
    }),
  });
  afterwards(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const authorization = `Bearer ${SECRET}`;
  const statuses = [
    await fetch(`${url}/sandboxes`),
    await fetch(`${url}/sandboxes`, { headers: { authorization } }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 200]);
});
