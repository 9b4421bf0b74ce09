import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CHECKPOINT_SCRIPT,
  CHECKPOINTS_KEPT,
} from '../src/tasks/checkpoint-script.ts';
import { parseChanges } from '../src/tasks/checkpoint.ts';

let home = '';
let app = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  app = join(home, 'workspace/app');
  mkdirSync(app, { recursive: true });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function run(...argv: string[]): { status: number | null; stdout: string } {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', CHECKPOINT_SCRIPT, 'checkpoint', ...argv],
    {
      cwd: app,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: home, GIT_DIR: '/nowhere' },
    },
  );
  if (status !== 0 && status !== 3) throw new Error(stderr);
  return { status, stdout };
}

const record = (task: string, when: 'before' | 'after') =>
  parseChanges(run('record', task, when).stdout);
const file = (path: string, text: string): void => {
  mkdirSync(join(app, path, '..'), { recursive: true });
  writeFileSync(join(app, path), text);
};
const read = (path: string): string => readFileSync(join(app, path), 'utf8');

it('tells what was added, modified and deleted since, names of every kind included', () => {
  file('kept.txt', 'same');
  file('changed.txt', 'old');
  file('gone.txt', 'x');
  record('T1', 'before');
  file('changed.txt', 'new');
  file('src/ü\n"quoted" name.ts', 'added');
  rmSync(join(app, 'gone.txt'));
  expect(record('T1', 'after')).toEqual([
    { path: 'changed.txt', change: 'modified' },
    { path: 'gone.txt', change: 'deleted' },
    { path: 'src/ü\n"quoted" name.ts', change: 'added' },
  ]);
});

it('brings back exactly what was there: added files go, ignored ones stay, modes and links come back', () => {
  file('.gitignore', 'local.env\n');
  file('run.sh', '#!/bin/sh\n');
  chmodSync(join(app, 'run.sh'), 0o755);
  file('crlf.txt', 'a\r\nb\r\n');
  file('.gitattributes', '* text=auto eol=lf\n');
  symlinkSync('run.sh', join(app, 'link'));
  record('T1', 'before');
  file('added/deep/file', 'x');
  file('local.env', 'SECRET=1');
  file('node_modules/m/index.js', 'dependency');
  chmodSync(join(app, 'run.sh'), 0o644);
  file('crlf.txt', 'other');
  rmSync(join(app, 'link'));

  const changes = parseChanges(run('revert', 'T1').stdout);

  expect(changes.map(({ path }) => path).sort()).toEqual([
    'added/deep/file',
    'crlf.txt',
    'link',
    'run.sh',
  ]);
  expect(existsSync(join(app, 'added'))).toBe(false);
  expect(read('local.env')).toBe('SECRET=1');
  expect(read('node_modules/m/index.js')).toBe('dependency');
  expect(read('crlf.txt')).toBe('a\r\nb\r\n');
  expect(statSync(join(app, 'run.sh')).mode & 0o777).toBe(0o755);
  expect(readlinkSync(join(app, 'link'))).toBe('run.sh');
});

it("leaves the user's repository as it is: HEAD, index, log, config and hooks", () => {
  const git = (...argv: string[]): string =>
    execFileSync(
      'git',
      ['-c', 'user.name=u', '-c', 'user.email=u@localhost', ...argv],
      { cwd: app, encoding: 'utf8' },
    );
  git('init', '--quiet');
  file('tracked.txt', 'one');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  file('staged.txt', 'staged');
  git('add', 'staged.txt');
  file('.git/hooks/post-checkout', `#!/bin/sh\ntouch ${home}/hook-ran\n`);
  chmodSync(join(app, '.git/hooks/post-checkout'), 0o755);
  const state = (): string[] => [
    git('rev-parse', 'HEAD'),
    git('status', '--porcelain'),
    git('log', '--format=%H %s', '--all'),
    git('for-each-ref'),
    readFileSync(join(app, '.git/config'), 'utf8'),
  ];
  const before = state();
  record('T1', 'before');
  file('tracked.txt', 'two');
  record('T1', 'after');
  run('revert', 'T1');
  expect(state()).toEqual(before);
  expect(read('tracked.txt')).toBe('one');
  expect(existsSync(join(home, 'hook-ran'))).toBe(false);
});

it('leaves a directory with a repository of its own alone', () => {
  mkdirSync(join(app, 'nested'));
  execFileSync('git', ['init', '--quiet', 'nested'], { cwd: app });
  file('nested/inner.txt', 'one');
  record('T1', 'before');
  file('nested/inner.txt', 'two');
  expect(record('T1', 'after')).toEqual([]);
  run('revert', 'T1');
  expect(read('nested/inner.txt')).toBe('two');
});

it('runs no filter that the project asks for', () => {
  file('.gitattributes', '*.txt filter=evil\n');
  writeFileSync(
    join(home, '.gitconfig'),
    `[filter "evil"]\n\tclean = touch ${home}/filter-ran\n\tsmudge = touch ${home}/filter-ran\n`,
  );
  file('a.txt', 'one');
  record('T1', 'before');
  file('a.txt', 'two');
  run('revert', 'T1');
  expect(read('a.txt')).toBe('one');
  expect(existsSync(join(home, 'filter-ran'))).toBe(false);
});

it('says when a checkpoint is not kept', () => {
  record('T1', 'before');
  expect(run('revert', 'T2').status).toBe(3);
});

it('keeps the last hundred', () => {
  const name = (index: number): string => `T${String(index).padStart(4, '0')}`;
  for (let index = 0; index <= CHECKPOINTS_KEPT; index += 1) {
    file('n', String(index));
    record(name(index), 'before');
  }
  expect(run('revert', name(0)).status).toBe(3);
  expect(run('revert', name(1)).status).toBe(0);
  expect(read('n')).toBe('1');
}, 120_000);
