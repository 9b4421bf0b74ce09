import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentTerminal, TerminalRequest } from '../src/index.ts';
import { until } from './drive.ts';
import { newId } from './ids.ts';
import {
  disposeAgents,
  startTestAgent,
  type TestAgent,
} from './start-agent.ts';

afterEach(disposeAgents);

const SIZE = { cols: 80, rows: 24 };

/** A terminal whose output is read all the time. */
type Shown = {
  readonly terminal: AgentTerminal;
  readonly text: () => string;
  readonly bytes: () => Buffer;
  /** How it ended: the last frame, or the code of the error. */
  readonly end: Promise<unknown>;
};

async function show(
  { client }: TestAgent,
  request: Partial<TerminalRequest> & Record<string, unknown> = {},
): Promise<Shown> {
  const terminal = await client.openTerminal({
    type: 'open',
    id: newId(),
    ...SIZE,
    ...request,
  });
  const pieces: Buffer[] = [];
  const read = async (): Promise<unknown> => {
    try {
      for await (const frame of terminal.frames)
        if (frame.type === 'output') pieces.push(frame.bytes);
        else return frame;
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
    return undefined;
  };
  return {
    terminal,
    end: read(),
    bytes: () => Buffer.concat(pieces),
    text: () => Buffer.concat(pieces).toString(),
  };
}

/** Waits until the child of the process that this file names sleeps whenever it is looked at. */
async function heldBack(pidFile: string): Promise<void> {
  let asleep = 0;
  await until(
    () => {
      const stat = (pid: string) =>
        fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
      try {
        const parent = fs.readFileSync(pidFile, 'utf8').trim();
        const [child = ''] = fs
          .readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
          .split(' ');
        asleep = stat(child).startsWith('S') ? asleep + 1 : 0;
      } catch {
        asleep = 0;
      }
      return asleep;
    },
    (times) => times >= 40,
  );
}

const shell = (script: string) => ({ cmd: ['/bin/sh', '-c', script] });
const shows = (shown: Shown, text: string) =>
  until(shown.text, (all) => all.includes(text));

it('is a login shell in the app directory, which echoes and tells how it ended', async () => {
  const agent = await startTestAgent();
  const shown = await show(agent);
  void shown.terminal.write(Buffer.from('pwd; echo "[$((6*7))]"; exit 3\n'));
  expect(await shown.end).toEqual({ type: 'exit', exit_code: 3 });
  expect(shown.text()).toContain('echo "[$((6*7))]"');
  expect(shown.text()).toContain('[42]');
  expect(shown.text()).toContain(`${fs.realpathSync(agent.app)}\r\n`);
});

it('has the size that was asked for, and each later one', async () => {
  const agent = await startTestAgent();
  const shown = await show(agent, {
    ...{ cols: 100, rows: 31 },
    ...shell('stty size; read x; stty size; read x'),
  });
  await shows(shown, '31 100');
  shown.terminal.resize({ cols: 123, rows: 45 });
  void shown.terminal.write(Buffer.from('\n'));
  await shows(shown, '45 123');
});

it('gives the environment of the sandbox, its own and TERM', async () => {
  const agent = await startTestAgent();
  const shown = await show(agent, {
    env: { MINE: 'own' },
    ...shell('echo $FROM_IMAGE-$MINE-$TERM'),
  });
  await shown.end;
  expect(shown.text()).toBe('image-own-xterm-256color\r\n');
});

it('interrupts a program by ctrl-C, and says the signal that ended one', async () => {
  const agent = await startTestAgent();
  const asleep = await show(agent, shell('echo up; exec sleep 1000'));
  await shows(asleep, 'up');
  void asleep.terminal.write(Buffer.from([3]));
  expect(await asleep.end).toEqual({ type: 'exit', exit_code: 130 });
});

it('passes every byte on as it is, whatever it means', async () => {
  const agent = await startTestAgent();
  const shown = await show(agent, shell('stty raw -echo; echo up; exec cat'));
  await shows(shown, 'up');
  const before = shown.bytes().length;
  const all = Buffer.concat([
    Buffer.from('\x1b[?1049h\x1b[2Jä€😀'),
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  ]);
  for (const byte of all) void shown.terminal.write(Buffer.from([byte]));
  await until(
    () => shown.bytes().length,
    (length) => length >= before + all.length,
  );
  expect(shown.bytes().subarray(before)).toEqual(all);
});

it('takes a long paste whole, faster than its program reads', async () => {
  const agent = await startTestAgent();
  const shown = await show(
    agent,
    shell('stty raw -echo; echo up; sleep 0.3; head -c 3000000 | sha256sum'),
  );
  await shows(shown, 'up');
  for (let left = 3_000_000; left > 0; left -= 50_000)
    await shown.terminal.write(Buffer.alloc(50_000, 'x'));
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256').update('x'.repeat(3_000_000));
  await shows(shown, hash.digest('hex'));
});

it('lets who types wait for a program that reads nothing', async () => {
  const agent = await startTestAgent();
  const shown = await show(
    agent,
    shell('stty raw -echo; echo up; exec sleep 1000'),
  );
  await shows(shown, 'up');
  let taken = 0;
  let isTaken = true;
  while (isTaken && taken < 30_000_000) {
    const room = shown.terminal.write(Buffer.alloc(60_000, 'x'));
    if (room !== undefined)
      isTaken = await Promise.race([
        room.then(() => true),
        pause(1_000, undefined, { ref: false }).then(() => false),
      ]);
    taken += 60_000;
  }
  expect(taken).toBeLessThan(2_000_000);
});

it('goes on while nobody looks, and shows who comes back what came since', async () => {
  const agent = await startTestAgent();
  const id = newId();
  const script = 'echo one; read x; echo two-$x; read y';
  const first = await show(agent, { id, ...shell(script) });
  await shows(first, 'one');
  first.terminal.leave();
  expect(await first.end).toBe('agent_unreachable');
  const after = first.bytes().length;
  const second = await show(agent, { type: 'resume', id, after });
  expect(second.terminal.offset).toBe(after);
  void second.terminal.write(Buffer.from('A\n'));
  await shows(second, 'two-A');
  expect(second.text()).not.toContain('one');
  const whole = await show(agent, { type: 'resume', id });
  expect(await second.end).toEqual({ type: 'taken_over' });
  await shows(whole, 'two-A');
  expect(whole.text()).toMatch(/^one/);
  void whole.terminal.write(Buffer.from('\n'));
  expect(await whole.end).toEqual({ type: 'exit', exit_code: 0 });
  const late = await show(agent, { type: 'resume', id });
  expect(await late.end).toEqual({ type: 'exit', exit_code: 0 });
});

it('keeps the last 256 KiB for who comes back, and says where they begin', async () => {
  const agent = await startTestAgent();
  const id = newId();
  const flood = 'read x; seq 200000; echo done; touch done; read y';
  const first = await show(agent, { id, ...shell(flood) });
  void first.terminal.write(Buffer.from('\n'));
  first.terminal.leave();
  await first.end;
  await until(
    () => fs.existsSync(path.join(agent.app, 'done')),
    (there) => there,
  );
  const second = await show(agent, { type: 'resume', id, after: 10 });
  await shows(second, 'done');
  expect(second.terminal.offset).toBeGreaterThan(1_000_000);
  expect(second.bytes().length).toBeLessThanOrEqual(262_144);
});

it('lets a program wait for a reader that takes nothing, and loses none of it', async () => {
  const agent = await startTestAgent();
  const id = newId();
  const script = 'echo $$ > pid; seq 3000000 && echo the end; touch done';
  const terminal = await agent.client.openTerminal({
    ...{ type: 'open', id, ...SIZE, ...shell(script) },
  });
  const memory = () =>
    Number(
      /VmRSS:\s+(\d+)/.exec(
        fs.readFileSync(`/proc/${String(agent.child.pid)}/status`, 'utf8'),
      )?.[1],
    );
  const before = memory();
  await heldBack(path.join(agent.app, 'pid'));
  expect(fs.existsSync(path.join(agent.app, 'done'))).toBe(false);
  expect(memory() - before).toBeLessThan(30_000);
  let bytes = 0;
  let last = '';
  let end: unknown;
  for await (const frame of terminal.frames)
    if (frame.type === 'output') {
      bytes += frame.bytes.length;
      last = (last + frame.bytes.toString()).slice(-100);
    } else end = frame;
  expect(end).toEqual({ type: 'exit', exit_code: 0 });
  expect(last).toMatch(/2999999\r\n3000000\r\nthe end\r\n$/);
  const digits = Array.from(
    { length: 7 },
    (_, n) => (n + 3) * (Math.min(10 ** (n + 1), 3_000_001) - 10 ** n),
  );
  expect(bytes).toBe(
    digits.reduce((sum, part) => sum + part, 0) + 'the end\r\n'.length,
  );
});

it('tells its programs when its user hangs up, and is gone then', async () => {
  const agent = await startTestAgent();
  const id = newId();
  const script =
    'trap "touch hung-up; exit" HUP; echo up; while :; do sleep 0.1; done';
  const shown = await show(agent, { id, ...shell(script) });
  await shows(shown, 'up');
  shown.terminal.hangUp();
  expect(await shown.end).toMatchObject({ type: 'exit' });
  expect(fs.existsSync(path.join(agent.app, 'hung-up'))).toBe(true);
  await expect(show(agent, { type: 'resume', id })).rejects.toMatchObject({
    code: 'agent_not_found',
    reason: 'not_found',
  });
});

it('ends what its terminals run when the agent stops', async () => {
  const agent = await startTestAgent();
  const script =
    'trap "touch hung-up; exit" HUP; echo up; while :; do sleep 0.1; done';
  const shown = await show(agent, shell(script));
  await shows(shown, 'up');
  await agent.end('SIGTERM');
  expect(await shown.end).toBe('agent_unreachable');
  expect(fs.existsSync(path.join(agent.app, 'hung-up'))).toBe(true);
});

it('refuses a directory that is not there, and the seventeenth terminal until one has ended', async () => {
  const agent = await startTestAgent();
  await expect(show(agent, { cwd: 'nowhere' })).rejects.toMatchObject({
    code: 'agent_refused',
    reason: 'bad_request',
  });
  const all = await Promise.all(
    Array.from({ length: 16 }, () => show(agent, shell('read x'))),
  );
  await expect(show(agent)).rejects.toMatchObject({
    code: 'agent_refused',
    reason: 'too_many_terminals',
  });
  void all[0]?.terminal.write(Buffer.from('\n'));
  await all[0]?.end;
  const another = await show(agent, shell('echo here'));
  expect(await another.end).toMatchObject({ exit_code: 0 });
});

it('says in the terminal what cannot be run', async () => {
  const agent = await startTestAgent();
  const shown = await show(agent, { cmd: ['/no/such/program'] });
  expect(await shown.end).not.toMatchObject({ exit_code: 0 });
});
