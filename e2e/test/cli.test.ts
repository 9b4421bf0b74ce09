import { readFile, writeFile } from 'node:fs/promises';
import {
  chmodSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { modelEnv, startModel } from '../src/model.ts';
import type { OwnCli } from '../src/own-cli.ts';
import { startOwnCli } from '../src/own-cli.ts';
import { preview, until } from '../src/stack.ts';
import type { Typed } from '../src/typed.ts';
import { quoted, Shell } from '../src/typed.ts';

let stopModel: (() => Promise<void>) | undefined;
let cli: OwnCli;
beforeAll(async () => {
  stopModel = await startModel();
  cli = await startOwnCli();
}, 180_000);
afterEach(() => cli.clean(), 120_000);
afterAll(async () => {
  await stopModel?.();
  await cli.close();
}, 60_000);

const jobSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  status: z.string(),
});
const listSchema = z.object({
  items: z.array(z.looseObject({ id: z.string() })),
});

/** What runs in a sandbox, by a part of its command line. */
const running = (id: string, what: string) =>
  cli.shell.ok(['exec', '-c', `pgrep -fc '${what}' || true`, id]);

/** A command that has begun in a sandbox and does not end by itself. */
async function begun(id: string): Promise<Typed> {
  const typed = cli.shell.begin([
    'exec',
    '-c',
    'echo begun; exec tail -f /dev/null',
    id,
  ]);
  await typed.shows('begun\n');
  return typed;
}

it('makes a sandbox, lists it, tells of it, and finds it by its name and the beginning of its id', async () => {
  const id = await cli.create(
    '--name',
    'demo',
    '--label',
    'team=web',
    '-p',
    '3000',
    '-p',
    '8080',
    '--memory',
    '512',
    '-e',
    'SECRET',
    '-e',
    'MODE=dev',
  );
  expect(id).toMatch(/^[0-9A-Z]{26}$/);
  const listed = await cli.shell.ok(['ls', '--label', 'team=web']);
  expect(listed).toMatch(
    new RegExp(`^${id}\tdemo\trunning\t[^\n]+\thttp://s-[^\n]+\n$`),
  );
  expect(await cli.shell.ok(['ls', '--status', 'stopped'])).toBe('');
  const shown = await cli.shell.ok(['show', 'demo']);
  expect(shown).toMatch(/^variables +SECRET, MODE$|^variables +MODE, SECRET$/m);
  expect(shown).toMatch(/^labels +team=web$/m);
  expect(shown).toContain('512 MiB');
  const told: unknown = JSON.parse(
    await cli.shell.ok(['show', '--json', id.slice(0, 20)]),
  );
  expect(told).toMatchObject({
    id,
    name: 'demo',
    preview_urls: { 8080: expect.any(String) },
  });
  expect(
    listSchema
      .parse(JSON.parse(await cli.shell.ok(['ls', '--json'])))
      .items.map((one) => one.id),
  ).toEqual([id]);
}, 60_000);

describe('exec', () => {
  it('has the streams, the input, the variables and the exit code of the command', async () => {
    const id = await cli.create();
    expect(
      await cli.shell.run(['exec', '-c', 'echo out; echo err >&2; exit 7', id]),
    ).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(
      await cli.shell.run(
        [
          'exec',
          '-i',
          '-e',
          'A=b',
          '-w',
          '/tmp',
          id,
          'sh',
          '-c',
          'cat; pwd; echo "$A $0"',
          'x  y',
        ],
        { input: 'typed\n' },
      ),
    ).toEqual({
      code: 0,
      stdout: 'typed\n/tmp\nb x  y\n',
      stderr: '',
    });
    expect((await cli.shell.run(['exec', '-c', 'kill -9 $$', id])).code).toBe(
      137,
    );
    expect((await cli.shell.run(['exec', id, 'no-such-program'])).code).toBe(
      127,
    );
    const json = await cli.shell.run([
      'exec',
      '--json',
      '-c',
      'echo out; exit 3',
      id,
    ]);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'exec',
      status: 'succeeded',
      result: { exit_code: 3, stdout: 'out\n' },
    });
  }, 60_000);

  it('shows output as it comes, and Ctrl-C ends the command there', async () => {
    const id = await cli.create();
    const typed = await begun(id);
    expect(await running(id, 'tail -f /dev/[n]ull')).toBe('1\n');
    typed.signal('SIGINT');
    expect(await typed.ended).toEqual({
      code: 130,
      stdout: 'begun\n',
      stderr: '',
    });
    expect(await running(id, 'tail -f /dev/[n]ull')).toBe('0\n');
  }, 60_000);

  it('a reader that goes away ends it there, too', async () => {
    const id = await cli.create();
    const line = `${quoted([...Shell.words, 'exec', id, 'yes'])} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const typed = cli.shell.beginProgram(['bash', '--norc', '-c', line]);
    expect((await typed.ended).stdout).toBe('y\n141\n');
    expect(await running(id, '^[y]es$')).toBe('0\n');
  }, 60_000);

  it('leaves a command running that is told by its job, and ended by it', async () => {
    const id = await cli.create();
    const job = (
      await cli.shell.ok(['exec', '-d', id, 'tail', '-f', '/dev/null'])
    ).trim();
    expect(await cli.shell.ok(['job', job])).toMatch(/^kind +exec$/m);
    expect(await running(id, 'tail -f /dev/[n]ull')).toBe('1\n');
  }, 60_000);
});

describe('run', () => {
  const keys = Object.keys(modelEnv()).flatMap((name) => ['-e', name]);

  it('makes a sandbox, shows the agent at work, and ends with 0 when the app answers', async () => {
    const { code, stdout, stderr } = await cli.shell.run(
      ['run', ...keys, '-'],
      {
        input:
          '[[write path=index.html content="<h1>built</h1>"]] [[slow chunks=3 ms=100]]',
        environment: modelEnv(),
      },
    );
    expect(stderr).toMatch(/^Sandbox [0-9A-Z]{26}$/m);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ \S+.*index\.html/m);
    expect(stdout).toContain('tick-3');
    expect(stdout).toMatch(/^succeeded after .+: 1 files changed, \d+ tokens/m);
    const [, url = ''] = /^(http:\S+) \(ready\)$/m.exec(stdout) ?? [];
    expect((await preview(url, { port: cli.stack.edgePort })).text).toContain(
      'built',
    );
  }, 120_000);

  it('prints each event as JSON, and the task as the last', async () => {
    const id = await cli.create();
    const said = await cli.shell.ok(
      ['run', '--json', '-s', id, ...keys, '[[write path=a.txt content=x]]'],
      modelEnv(),
    );
    const lines = said
      .trim()
      .split('\n')
      .map((line) =>
        z.looseObject({ type: z.string() }).parse(JSON.parse(line)),
      );
    expect(lines.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['status', 'tool', 'done']),
    );
    expect(lines.at(-1)).toMatchObject({
      type: 'task',
      data: {
        sandbox_id: id,
        status: 'succeeded',
        result: { files_changed: [{ path: 'a.txt', change: 'added' }] },
      },
    });
  }, 120_000);

  it('Ctrl-C cancels the task', async () => {
    const id = await cli.create();
    const typed = cli.shell.begin(
      [
        'run',
        '-s',
        id,
        ...keys,
        '[[bash cmd="echo begun > begun; exec tail -f /dev/null"]]',
      ],
      modelEnv(),
    );
    await until(
      'the agent to be at work',
      60_000,
      async () => (await running(id, 'tail -f /dev/[n]ull')) !== '0\n',
    );
    typed.signal('SIGINT');
    expect((await typed.ended).code).toBe(130);
    await until('the task to be over', 20_000, async () =>
      (await cli.shell.ok(['jobs', id, '--kind', 'task', '--json'])).includes(
        '"status":"cancelled"',
      ),
    );
  }, 120_000);

  it('ends with 1 when the task fails, and says why', async () => {
    const id = await cli.create();
    const { code, stderr } = await cli.shell.run(
      ['run', '-s', id, ...keys, '--timeout', '5', '[[hang]]'],
      { environment: modelEnv() },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: agent_timeout: .+\nWhat to do: .+--timeout/m,
    );
  }, 120_000);
});

it('lists services, prints what one writes, and follows it', async () => {
  const id = await cli.create();
  await writeFile(
    join(cli.home, 'sandbox.yaml'),
    'version: 1\nworkers:\n  - { name: ticker, command: while echo tick; do sleep 0.2; done }\n',
  );
  await cli.shell.ok(['cp', join(cli.home, 'sandbox.yaml'), `${id}:`]);
  await cli.shell.ok(['stop', '-f', id]);
  await cli.shell.ok(['start', id]);
  expect(await cli.shell.ok(['services', id])).toMatch(
    /^ticker\trunning\t-\tmanifest\twhile /,
  );
  await until(
    'it to have written',
    20_000,
    async () => (await cli.shell.ok(['logs', '-n', '1', id])) === 'tick\n',
  );
  const typed = cli.shell.begin(['logs', '-f', '-n', '1', id, 'ticker']);
  await typed.shows('tick\ntick\ntick\n');
  typed.signal('SIGINT');
  expect((await typed.ended).code).toBe(130);
}, 90_000);

it('prints the address of a preview, with a link where it is private', async () => {
  const id = await cli.create('-p', '3000', '-p', '8080');
  expect(await cli.shell.ok(['open', id])).toMatch(
    /^http:\/\/s-.+-3000\.preview\.\S+\n$/,
  );
  expect(await cli.shell.ok(['open', id, '8080'])).toContain('-8080.');
  const hidden = await cli.create('--private');
  const told = z.object({
    url: z.string(),
    port: z.literal(3000),
    expires_at: z.string(),
  });
  const { url, expires_at } = told.parse(
    JSON.parse(
      await cli.shell.ok(['open', '--json', '--expires', '60', hidden]),
    ),
  );
  expect(Date.parse(expires_at)).toBeLessThan(Date.now() + 61_000);
  expect(url).toMatch(/^http:\/\/s-.+\?.+/);
  const other = await cli.shell.run(['open', id, '9']);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('does not publish port 9');
}, 60_000);

it('copies files and directories both ways, with their modes, and streams', async () => {
  const id = await cli.create();
  const source = join(cli.home, 'source');
  mkdirSync(join(source, 'sub', 'n'.repeat(120)), { recursive: true });
  writeFileSync(join(source, 'a.txt'), 'a');
  writeFileSync(join(source, 'run.sh'), '#!/bin/sh\necho ran\n');
  chmodSync(join(source, 'run.sh'), 0o755);
  writeFileSync(
    join(source, 'sub', 'n'.repeat(120), 'deep'),
    Buffer.alloc(300_000, 'x'),
  );
  symlinkSync('/etc/passwd', join(source, 'out'));
  const { code, stderr } = await cli.shell.run(['cp', source, `${id}:`]);
  expect(code).toBe(0);
  expect(stderr).toContain('/out": a link that leads out');
  expect(await cli.shell.ok(['exec', id, './source/run.sh'])).toBe('ran\n');
  await cli.shell.ok(['cp', `${source}/.`, `${id}:flat/deeper`]);
  expect(await cli.shell.ok(['exec', id, 'ls', 'flat/deeper'])).toBe(
    'a.txt\nrun.sh\nsub\n',
  );
  await cli.shell.ok(['cp', `${id}:source`, join(cli.home, 'back')]);
  expect(
    await readFile(join(cli.home, 'back/sub', 'n'.repeat(120), 'deep')),
  ).toHaveLength(300_000);
  expect(statSync(join(cli.home, 'back/run.sh')).mode & 0o777).toBe(0o755);

  expect(
    (await cli.shell.run(['cp', '-', `${id}:in/piped`], { input: 'piped' }))
      .code,
  ).toBe(0);
  expect(await cli.shell.ok(['cp', `${id}:in/piped`, '-'])).toBe('piped');
  await cli.shell.ok(['cp', `${id}:in/piped`, cli.home]);
  expect(await readFile(join(cli.home, 'piped'), 'utf8')).toBe('piped');
  const copied: unknown = JSON.parse(
    await cli.shell.ok([
      'cp',
      '--json',
      join(cli.home, 'piped'),
      `${id}:again`,
    ]),
  );
  expect(copied).toEqual({ files: 1, bytes: 5 });
  expect((await cli.shell.run(['cp', `${id}:none`, cli.home])).code).toBe(1);
}, 90_000);

it('stops, starts, removes and purges, one and several', async () => {
  const [one, two] = [await cli.create('--name', 'one'), await cli.create()];
  expect(await cli.shell.ok(['stop', 'one', two])).toBe(`${one}\n${two}\n`);
  expect(await cli.shell.ok(['ls', '-q', '--status', 'stopped'])).toBe(
    `${two}\n${one}\n`,
  );
  const started: unknown = JSON.parse(
    await cli.shell.ok(['start', '--json', one]),
  );
  expect(started).toMatchObject({ id: one, status: 'running' });
  await cli.shell.ok(['exec', '-c', 'echo kept > kept', one]);
  expect(await cli.shell.ok(['rm', '--yes', one])).toBe(`${one}\n`);
  expect(await cli.shell.ok(['ls', '-q'])).toBe(`${two}\n`);
  expect(await cli.shell.ok(['purge', '--yes', one, two])).toBe(
    `${one}\n${two}\n`,
  );
  expect(await cli.shell.ok(['ls', '-q'])).toBe('');
}, 90_000);

it('lists jobs, tells of one and cancels one', async () => {
  const id = await cli.create();
  const typed = await begun(id);
  const listed = await cli.shell.ok([
    'jobs',
    id,
    '--kind',
    'exec',
    '--status',
    'running',
  ]);
  const [job = ''] = listed.split('\t');
  expect(listed).toMatch(new RegExp(`^${job}\t${id}\texec\trunning\t`));
  expect(await cli.shell.ok(['cancel', job])).toBe(`${job}\n`);
  const { code, stderr } = await typed.ended;
  expect(code).toBe(125);
  expect(stderr).toContain('cancelled');
  expect(
    jobSchema.parse(JSON.parse(await cli.shell.ok(['job', '--json', job]))),
  ).toMatchObject({ id: job, kind: 'exec', status: 'cancelled' });
}, 60_000);
