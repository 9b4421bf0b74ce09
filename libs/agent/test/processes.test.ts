import fs from 'node:fs';
import path from 'node:path';
import { alive, readAll, run, until, untilOutput } from './drive.ts';
import { newId } from './ids.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

afterEach(disposeAgents);

const isAlive = (pid: number) =>
  alive(pid, (file) => fs.readFileSync(file, 'utf8'));

describe('a command', () => {
  it('answers its outputs and exit code', async () => {
    const { client } = await startTestAgent();
    const ended = await run(client, {
      shell: 'echo out; echo err >&2; exit 7',
    });
    expect(ended).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
      state: {
        status: 'exited',
        exit_code: 7,
        timed_out: false,
        truncated: false,
      },
    });
  });

  it('can open its outputs again by path', async () => {
    const { client } = await startTestAgent();
    const ended = await run(client, {
      shell: 'echo out > /dev/stdout; echo err > /dev/stderr',
    });
    expect(ended).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('has its outputs to itself whatever lies where an earlier agent left pipes', async () => {
    const agent = await startTestAgent();
    await run(agent.client, { shell: 'true' });
    await agent.end('SIGKILL');
    const pipes = path.join(agent.directory, 'run/pipes');
    for (const name of fs.readdirSync(pipes)) {
      fs.rmSync(path.join(pipes, name));
      fs.writeFileSync(path.join(pipes, name), 'no pipe');
    }
    fs.symlinkSync('/etc/passwd', path.join(pipes, '999'));
    fs.mkdirSync(path.join(pipes, 'directory'));
    const { client } = await agent.again();
    expect(await run(client, { shell: 'echo mine' })).toMatchObject({
      stdout: 'mine\n',
    });
  });

  it('runs in the app directory, or where cwd leads from there', async () => {
    const { client, app } = await startTestAgent();
    fs.mkdirSync(path.join(app, 'sub'));
    expect((await run(client, { cmd: ['pwd'] })).stdout).toBe(`${app}\n`);
    expect((await run(client, { cmd: ['pwd'], cwd: 'sub' })).stdout).toBe(
      `${app}/sub\n`,
    );
    expect((await run(client, { cmd: ['pwd'], cwd: '/' })).stdout).toBe('/\n');
  });

  it('sees the environment of image, boot and request, the later over the earlier', async () => {
    const { client } = await startTestAgent();
    await client.boot({ env: { A: 'boot', B: 'boot' }, services: [] });
    const { stdout } = await run(client, {
      shell: 'echo $FROM_IMAGE $A $B $SANDBOXED_AGENT_STATE_DIR',
      env: { B: 'own' },
    });
    expect(stdout).toBe('image boot own\n');
  });

  it('carries the mark of its job', async () => {
    const { client } = await startTestAgent();
    const { stdout, state } = await run(client, {
      shell: 'echo $SANDBOXED_PROCESS_ID',
    });
    expect(stdout).toBe(`${state.id}\n`);
  });

  it('reads its input to the end', async () => {
    const { client } = await startTestAgent();
    const stdin = 'ä'.repeat(300_000);
    const { stdout } = await run(client, { cmd: ['wc', '-c'], stdin });
    expect(stdout.trim()).toBe('600000');
  });

  it('that does not read its input still ends', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, {
      cmd: ['true'],
      stdin: 'x'.repeat(1_000_000),
    });
    expect(state.exit_code).toBe(0);
  });

  it.each([
    ['is not found', { cmd: ['no-such-command'] }, 127],
    ['may not be executed', { cmd: ['/etc/passwd'] }, 126],
    ['has no directory to run in', { cmd: ['true'], cwd: 'nowhere' }, 126],
  ])('that %s ends with a reason', async (_what, request, exitCode) => {
    const { client } = await startTestAgent();
    const { state } = await run(client, request);
    expect(state).toMatchObject({ status: 'exited', exit_code: exitCode });
    expect(state.error).toEqual(expect.any(String));
  });

  it('does not run twice under one id', async () => {
    const { client, app } = await startTestAgent();
    const request = {
      id: newId(),
      shell: 'echo ran >> ran.txt',
      output_cap_bytes: 1_000,
    };
    await Promise.all([
      client.startProcess(request),
      client.startProcess(request),
    ]);
    await readAll(client, request.id);
    await client.startProcess(request);
    expect(fs.readFileSync(path.join(app, 'ran.txt'), 'utf8')).toBe('ran\n');
  });

  it('that leaves a server behind ends, and the server lives on', async () => {
    const { client } = await startTestAgent();
    const { stdout, state } = await run(client, {
      shell: '(while sleep 0.02; do echo tick; done) & echo $!',
    });
    const pid = Number(stdout.split('\n')[0]);
    expect(state).toMatchObject({ exit_code: 0 });
    // It goes on writing to an output nobody keeps: a broken pipe would end it here.
    const { stdout: still } = await run(client, {
      shell: `sleep 0.2; kill -0 ${String(pid)} && echo alive; kill ${String(pid)}`,
    });
    expect(still).toBe('alive\n');
  });
});

describe('the end of a command by force', () => {
  it('after its time reaches grandchildren and those that left the group', async () => {
    const { client } = await startTestAgent();
    const { state, stdout } = await run(client, {
      shell:
        'sleep 300 & echo $!; setsid sleep 300 & sleep 0.05; echo $!; wait',
      timeout_ms: 300,
    });
    expect(state).toMatchObject({
      timed_out: true,
      signal: 'SIGTERM',
      exit_code: 143,
    });
    const pids = stdout.trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    await until(
      () => pids.some(isAlive),
      (any) => !any,
    );
  });

  it('kills what ignores the first signal', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, {
      shell: "trap '' TERM; while true; do sleep 0.1; done",
      timeout_ms: 100,
    });
    expect(state).toMatchObject({ timed_out: true, signal: 'SIGKILL' });
  });

  it('sends a signal to the whole group', async () => {
    const { client } = await startTestAgent();
    const id = newId();
    await client.startProcess({
      id,
      shell:
        "trap 'echo caught; exit 3' INT; echo ready; while true; do sleep 0.02; done",
      output_cap_bytes: 1_000,
    });
    await untilOutput(client, id, 'ready');
    await client.signal(id, 'SIGINT');
    const { stdout, state } = await readAll(client, id);
    expect(stdout).toBe('ready\ncaught\n');
    expect(state.exit_code).toBe(3);
  });

  it('on a finished process changes nothing', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, { cmd: ['true'] });
    await expect(client.signal(state.id, 'SIGKILL')).resolves.toEqual(state);
  });
});

describe('records of commands', () => {
  it('are listed and forgotten', async () => {
    const { client, directory } = await startTestAgent();
    const { state } = await run(client, { cmd: ['true'] });
    expect(await client.processes()).toEqual([state]);
    await client.forget(state.id);
    expect(await client.processes()).toEqual([]);
    await expect(client.process(state.id)).rejects.toMatchObject({
      code: 'agent_not_found',
    });
    expect(fs.readdirSync(path.join(directory, 'run/processes'))).toEqual([]);
  });

  it('are not forgotten while the command runs', async () => {
    const { client } = await startTestAgent();
    const id = newId();
    await client.startProcess({
      id,
      cmd: ['sleep', '300'],
      output_cap_bytes: 0,
    });
    await expect(client.forget(id)).rejects.toMatchObject({
      code: 'agent_refused',
      reason: 'still_running',
    });
  });

  it('of an agent that was killed say that the sandbox stopped', async () => {
    const first = await startTestAgent();
    const done = await run(first.client, { shell: 'echo kept' });
    const id = newId();
    const { pid } = await first.client.startProcess({
      id,
      shell: 'echo early; exec sleep 300',
      output_cap_bytes: 1_000,
    });
    await untilOutput(first.client, id, 'early');
    await first.end('SIGKILL');
    const { client } = await first.again();
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');

    const { stdout, state } = await readAll(client, id);
    expect(stdout).toBe('early\n');
    expect(state).toMatchObject({ status: 'exited', error: 'sandbox_stopped' });
    // When it began is known, although the agent did not live to write that down.
    expect(state.finished_at_ms).toBeGreaterThan(state.started_at_ms);
    expect(await readAll(client, done.state.id)).toMatchObject({
      stdout: 'kept\n',
      state: done.state,
    });
    const again = await client.startProcess({
      id,
      cmd: ['true'],
      output_cap_bytes: 0,
    });
    expect(again.error).toBe('sandbox_stopped');
  });
});
