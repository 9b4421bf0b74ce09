import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnCli } from '../src/own-cli.ts';
import { startOwnCli } from '../src/own-cli.ts';
import { until } from '../src/stack.ts';
import { quoted, Shell } from '../src/typed.ts';

let cli: OwnCli;
beforeAll(async () => {
  cli = await startOwnCli();
}, 180_000);
afterEach(() => cli.clean(), 120_000);
afterAll(async () => {
  await cli.close();
}, 60_000);

describe('at a terminal', () => {
  /** Runs a line of sh on a terminal of its own, which this test types into. */
  const onTerminal = (line: string) =>
    cli.shell.beginProgram([
      'python3',
      '-c',
      'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))',
      'sh',
      '-c',
      line,
    ]);

  it.each([
    ['shell', (id: string) => ['shell', id]],
    ['exec -it', (id: string) => ['exec', '-it', id, 'bash', '-l']],
  ])(
    '%s is a terminal of that size, with its keys and its exit code, and gives this one back as it was',
    async (_, argv) => {
      const id = await cli.create();
      const typed = onTerminal(
        `stty rows 31 cols 101; tty; stty -g; ${quoted([...Shell.words, ...argv(id)])}; echo "code $?"; stty -g`,
      );
      await typed.shows('$ ');
      typed.type('stty size; echo up$((6 * 7))\r');
      await typed.shows('up42');
      expect(typed.said()).toContain('31 101');
      const [tty = ''] = typed.said().split('\r\n');
      let from = typed.said().length;
      const resized = cli.shell.beginProgram([
        'stty',
        '-F',
        tty,
        'rows',
        '20',
        'cols',
        '60',
      ]);
      expect((await resized.ended).code).toBe(0);
      // The news of it overtakes nothing that is typed later.
      await until('the size to arrive', 20_000, async () => {
        from = typed.said().length;
        typed.type('stty size; echo now$((6 * 7))\r');
        await typed.shows('now42', from);
        return typed.said().slice(from).includes('20 60');
      });
      from = typed.said().length;
      typed.type('echo deep$((6 * 7)); exec tail -f /dev/null\r');
      await typed.shows('deep42', from);
      typed.type('\x03');
      await typed.shows('code 130', from);
      const { stdout } = await typed.ended;
      const lines = stdout.trim().split('\r\n');
      expect(lines.at(-1)).toBe(lines[1]);
      expect(lines.at(-1)).toMatch(/^[0-9a-f:]+$/);
    },
    120_000,
  );

  it('lists are tables with colours, but for who wants none', async () => {
    const id = await cli.create('--name', 'seen');
    const coloured = await onTerminal(quoted([...Shell.words, 'ls'])).ended;
    expect(coloured.stdout).toMatch(/\x1b\[1mID +NAME +STATUS/);
    expect(coloured.stdout).toContain('\x1b[32mrunning');
    const plain = await onTerminal(
      `NO_COLOR=1 ${quoted([...Shell.words, 'ls'])}`,
    ).ended;
    expect(plain.stdout).toMatch(
      new RegExp(`^ID +NAME +STATUS.+\r\n${id}  seen  running`),
    );
    expect(plain.stdout).not.toContain('\x1b');
  }, 60_000);

  it('asks before it removes, and takes no for an answer', async () => {
    const id = await cli.create();
    const no = onTerminal(quoted([...Shell.words, 'purge', id]));
    await no.shows('[y/N] ');
    no.type('\r');
    expect((await no.ended).code).toBe(1);
    const yes = onTerminal(quoted([...Shell.words, 'purge', id]));
    await yes.shows('[y/N] ');
    yes.type('y\r');
    expect((await yes.ended).code).toBe(0);
    expect(await cli.shell.ok(['ls', '-q'])).toBe('');
  }, 60_000);

  it('without one says so', async () => {
    const id = await cli.create();
    const { code, stderr } = await cli.shell.run(['exec', '-it', id, 'bash']);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no terminal here');
  }, 60_000);
});

it('a bash completes commands, options and sandboxes, and runs nothing of a name', async () => {
  const id = await cli.create('--name', 'demo');
  const evil = `$(touch ${cli.home}/pwned)`;
  await cli.create('--name', evil);
  const bin = join(cli.home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'sandboxed'),
    `#!/bin/sh\nexec ${quoted(Shell.words)} "$@"\n`,
    { mode: 0o755 },
  );
  const complete = async (...words: readonly string[]): Promise<string[]> => {
    const line = `source <(sandboxed completion bash)
      complete -p sandboxed >/dev/null || exit 9
      COMP_WORDS=(sandboxed ${quoted(words)}) COMP_CWORD=${words.length}
      _sandboxed
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const path = `${bin}:${process.env['PATH'] ?? ''}`;
    const typed = cli.shell.beginProgram(['bash', '--norc', '-c', line], {
      PATH: path,
    });
    typed.endInput();
    const { code, stdout, stderr } = await typed.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trim().split('\n');
  };
  expect(await complete('st')).toEqual(['start', 'stop']);
  expect(await complete('ls', '--st')).toEqual(['--status']);
  expect(await complete('exec', '--env', 'A', 'de')).toEqual(['demo']);
  expect(await complete('stop', 'demo', id.slice(0, 3))).toContain(id);
  expect(await complete('show', 'demo', '')).toEqual(['']);
  expect(await complete('cp', join(cli.home, 'bi'))).toEqual([bin]);
  expect(await complete('cp', 'dem')).toEqual(['demo:']);
  expect(await complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(
    (await complete('rm', '')).filter((word) => word.includes('$')),
  ).toEqual([]);
  await expect(readFile(join(cli.home, 'pwned'))).rejects.toThrow('ENOENT');
}, 90_000);
