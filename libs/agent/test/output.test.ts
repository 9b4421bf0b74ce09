import fs from 'node:fs';
import { readAll, run, until, untilOutput } from './drive.ts';
import { newId } from './ids.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

afterEach(disposeAgents);

describe('output', () => {
  it('can be read on from any frame', async () => {
    const { client } = await startTestAgent();
    const whole = await run(client, {
      shell: 'for i in 1 2 3 4; do echo $i; sleep 0.03; done',
    });
    expect(whole.stdout).toBe('1\n2\n3\n4\n');
    let left = whole.stdout;
    for (const frame of whole.frames) {
      if (frame.type === 'exit') continue;
      left = left.slice(frame.text.length);
      const rest = await readAll(client, whole.state.id, frame.offset);
      expect(rest.stdout).toBe(left);
    }
  });

  it('is refused at an offset inside a frame', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, { shell: 'echo text' });
    await expect(readAll(client, state.id, 5)).rejects.toMatchObject({
      code: 'agent_refused',
      reason: 'bad_offset',
    });
  });

  it('past its end is only the exit', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, { shell: 'echo text' });
    const rest = await readAll(client, state.id, Number.MAX_SAFE_INTEGER);
    expect(rest.frames).toMatchObject([{ type: 'exit', state }]);
  });

  it('so far is answered without waiting', async () => {
    const { client } = await startTestAgent();
    const id = newId();
    await client.startProcess({
      id,
      shell: 'echo early; exec sleep 300',
      output_cap_bytes: 1_000,
    });
    await untilOutput(client, id, 'early');
    const frames = [];
    for await (const frame of client.followOutput(id, { follow: false }))
      frames.push(frame);
    expect(frames).toMatchObject([{ type: 'output', text: 'early\n' }]);
  });

  it('keeps characters whole and replaces what is not UTF-8', async () => {
    const { client } = await startTestAgent();
    const { stdout } = await run(client, {
      shell: "printf '\\xf0\\x9f'; sleep 0.05; printf '\\x8e\\x89 \\xff end'",
    });
    expect(stdout).toBe('🎉 � end');
  });

  it('over its cap is dropped while the command goes on', async () => {
    const { client } = await startTestAgent();
    const { stdout, state } = await run(client, {
      shell: 'head -c 50000000 /dev/zero | tr "\\0" x; exit 4',
      output_cap_bytes: 1_000,
    });
    expect(stdout).toBe('x'.repeat(1_000));
    expect(state).toMatchObject({ truncated: true, exit_code: 4 });
  });

  it('of exactly the cap is not truncated', async () => {
    const { client } = await startTestAgent();
    const { state } = await run(client, {
      shell: 'printf 12345',
      output_cap_bytes: 5,
    });
    expect(state.truncated).toBe(false);
  });

  it('reaches many readers, all of it', async () => {
    const { client } = await startTestAgent();
    const id = newId();
    await client.startProcess({
      id,
      shell: 'read; seq 20000',
      stdin: '\n',
      output_cap_bytes: 1_000_000,
    });
    const readers = await Promise.all(
      Array.from({ length: 20 }, () => readAll(client, id)),
    );
    const whole = Array.from(
      { length: 20_000 },
      (_, i) => `${String(i + 1)}\n`,
    );
    for (const { stdout } of readers) expect(stdout).toBe(whole.join(''));
  });

  it('waits on disk for a slow reader, not in memory', async () => {
    const { client, child } = await startTestAgent();
    const id = newId();
    const bytes = 150_000_000;
    await client.startProcess({
      id,
      shell: `yes | head -c ${String(bytes)}`,
      output_cap_bytes: bytes,
    });
    const frames = client.followOutput(id);
    await frames.next();
    await until(
      () => client.process(id),
      ({ status }) => status === 'exited',
      25_000,
    );
    const status = fs.readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
    const rssKib = Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]);
    // Below what it would take to hold even half of the output.
    expect(rssKib * 1024).toBeLessThan(bytes);
    await frames.return(undefined);
  });

  it('ends for a reader that gives up, and the command goes on', async () => {
    const { client } = await startTestAgent();
    const id = newId();
    await client.startProcess({
      id,
      cmd: ['sleep', '300'],
      output_cap_bytes: 0,
    });
    const gone = new AbortController();
    const next = client.followOutput(id, { signal: gone.signal }).next();
    gone.abort(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
    expect((await client.process(id)).status).toBe('running');
  });
});
