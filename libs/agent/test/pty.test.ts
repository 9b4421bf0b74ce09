import { existsSync } from 'node:fs';
import os from 'node:os';
import { loadPtyAddon, openPty } from '../src/server/terminals/pty.ts';
import { until } from './drive.ts';

afterEach(() => {
  jest.useRealTimers();
});

const addon = loadPtyAddon(
  require.resolve(`@lydell/node-pty-linux-${process.arch}/pty.node`),
);

function open(script: string) {
  let text = '';
  let pid = 0;
  const pty = openPty(addon, {
    argv: ['/bin/sh', '-c', script],
    cwd: os.tmpdir(),
    env: {},
    cols: 80,
    rows: 24,
    onPid: (its) => (pid = its),
    onOutput: (bytes) => (text += bytes.toString()),
    onDrain: () => undefined,
  });
  return { pty, pid, text: () => text };
}

describe('the terminal of a program that has ended', () => {
  it('keeps what its reader has not taken for as long as that is held back', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    const { pty, pid, text } = open('echo the last words');
    pty.pause();
    while (existsSync(`/proc/${String(pid)}`))
      await new Promise((resolve) => setImmediate(resolve));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(text()).toBe('');
    pty.resume();
    expect(await pty.ended).toBe(0);
    expect(text()).toBe('the last words\r\n');
  });

  it('ends, although what it left behind holds it open', async () => {
    const { pty, text } = open('trap "" HUP; sleep 20 & echo started; exit 3');
    expect(await pty.ended).toBe(3);
    expect(text()).toBe('started\r\n');
  });
});

it('ends what does not heed that it was hung up', async () => {
  const { pty, text } = open(
    'trap "" HUP; echo up; while :; do sleep 0.1; done',
  );
  await until(text, (all) => all.includes('up'));
  pty.hangUp();
  expect(await pty.ended).toBe(128 + 9);
});
