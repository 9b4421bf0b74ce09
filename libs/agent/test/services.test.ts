import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { AgentClient, ServiceState } from '../src/index.ts';
import { alive, until, untilService } from './drive.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

const servers = new Set<Server>();
afterEach(async () => {
  for (const server of servers) server.close();
  servers.clear();
  await disposeAgents();
});

/** Takes a port, as another program in the sandbox would. */
function occupy(port = 0): Promise<{ port: number; leave: () => void }> {
  const server = createServer((socket) => socket.destroy());
  servers.add(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      resolve({
        port: address.port,
        leave: () => {
          server.close();
        },
      });
    });
  });
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { port, leave } = await occupy();
  leave();
  return port;
}

const serve = (port: number) =>
  `exec python3 -m http.server ${String(port)} --bind 127.0.0.1`;
const running = ({ status }: ServiceState) => status === 'running';
const isAlive = (pid: number) =>
  alive(pid, (file) => fs.readFileSync(file, 'utf8'));

async function logOf(client: AgentClient, name: string): Promise<string> {
  let all = '';
  for await (const { text } of client.serviceLogs(name)) all += text;
  return all;
}

describe('a service', () => {
  it('is up once its port accepts connections', async () => {
    const { client } = await startTestAgent();
    const port = await freePort();
    await client.putService('web', { command: serve(port), port });
    const state = await untilService(client, 'web', running);
    expect(state).toMatchObject({ restarts: 0, port_open: true, port });
  });

  it('gets its port and all addresses in its environment', async () => {
    const { client } = await startTestAgent();
    await client.putService('web', {
      command: 'echo $HOST $PORT; exec sleep 300',
      port: 3999,
    });
    const log = await until(
      () => logOf(client, 'web'),
      (text) => text !== '',
    );
    expect(log).toBe('0.0.0.0 3999\n');
  });

  it('is started again whenever it ends, with a pause that grows', async () => {
    const { client } = await startTestAgent();
    await client.putService('web', { command: 'echo again; exit 3' });
    const state = await untilService(
      client,
      'web',
      ({ restarts }) => restarts === 2,
    );
    expect(state).toMatchObject({ last_exit_code: 3 });
    const log = await logOf(client, 'web');
    expect(log.match(/next start in (\d+) s/g)).toEqual(
      expect.arrayContaining(['next start in 1 s', 'next start in 2 s']),
    );
  });

  it('that was killed is started again', async () => {
    const { client } = await startTestAgent();
    await client.putService('web', { command: 'exec sleep 300' });
    const first = await untilService(client, 'web', running);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const second = await untilService(
      client,
      'web',
      (state) => running(state) && state.pid !== first?.pid,
    );
    expect(second).toMatchObject({ restarts: 1, last_exit_code: 137 });
  });

  it('counts as up while another process serves its port, and starts when that is gone', async () => {
    const { client } = await startTestAgent();
    const other = await occupy();
    const { port } = other;
    await client.putService('web', { command: serve(port), port });
    const foreign = await untilService(client, 'web', running);
    expect(foreign?.pid).toBeUndefined();
    expect(await logOf(client, 'web')).toContain('already served');
    other.leave();
    const own = await untilService(
      client,
      'web',
      (state) => running(state) && state.pid !== undefined,
    );
    expect(own).toMatchObject({ restarts: 0, port_open: true });
  });

  it('counts as up when another process takes its port between two starts', async () => {
    const { client } = await startTestAgent();
    const port = await freePort();
    await client.putService('web', { command: 'exit 1', port });
    await untilService(client, 'web', ({ status }) => status === 'backoff');
    const other = await occupy(port);
    const foreign = await untilService(client, 'web', running);
    expect(foreign?.pid).toBeUndefined();
    other.leave();
    await untilService(client, 'web', ({ restarts }) => restarts > 0);
  });

  it('ends with all that it started', async () => {
    const { client, app } = await startTestAgent();
    await client.putService('web', {
      command: 'sleep 300 & echo $! > child; wait',
    });
    const child = await until(
      () => {
        const file = path.join(app, 'child');
        return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
      },
      (text) => text !== '',
    );
    await client.deleteService('web');
    expect(isAlive(Number(child))).toBe(false);
    expect(await client.services()).toEqual([]);
  });

  it('ends with the agent that is told to end', async () => {
    const agent = await startTestAgent();
    const mark = path.join(agent.app, 'ended');
    const command = `trap 'echo bye > ${mark}; exit' TERM; while :; do sleep 0.1; done`;
    await agent.client.boot({ env: {}, services: [{ name: 'web', command }] });
    await untilService(agent.client, 'web', running);
    const ended = once(agent.child, 'exit');
    await agent.client.end();
    expect(await ended).toEqual([0, null]);
    expect(fs.readFileSync(mark, 'utf8')).toBe('bye\n');
  });

  it('runs again in a sandbox that has woken, and its log goes on', async () => {
    const { client, end, again } = await startTestAgent();
    const services = [{ name: 'web', command: 'echo up; exec sleep 300' }];
    await client.boot({ env: {}, services });
    await until(
      () => logOf(client, 'web'),
      (text) => text === 'up\n',
    );
    await end('SIGTERM');
    const woken = await again();
    expect(await woken.client.services()).toEqual([]);
    await woken.client.boot({ env: {}, services });
    await until(
      () => logOf(woken.client, 'web'),
      (text) => text === 'up\nup\n',
    );
  });
});

describe('a boot', () => {
  it('makes the set of services exactly this and lets the unchanged run on', async () => {
    const { client } = await startTestAgent();
    const command = 'exec sleep 300';
    await client.boot({
      env: {},
      services: ['same', 'changed', 'gone'].map((name) => ({ name, command })),
    });
    const pids = async () => {
      const states = await until(
        () => client.services(),
        (all) => all.every(({ pid }) => pid !== undefined),
      );
      return new Map(states.map(({ name, pid }) => [name, pid]));
    };
    const before = await pids();
    await client.boot({
      env: {},
      services: [
        { name: 'same', command },
        { name: 'changed', command: 'exec sleep 301' },
        { name: 'new', command },
      ],
    });
    const after = await pids();
    expect([...after.keys()].sort()).toEqual(['changed', 'new', 'same']);
    expect(after.get('same')).toBe(before.get('same'));
    expect(after.get('changed')).not.toBe(before.get('changed'));
  });

  it('with a new environment starts services again', async () => {
    const { client } = await startTestAgent();
    const services = [{ name: 'web', command: 'echo $A; exec sleep 300' }];
    await client.boot({ env: { A: '1' }, services });
    await until(
      () => logOf(client, 'web'),
      (text) => text === '1\n',
    );
    await client.boot({ env: { A: '2' }, services });
    await until(
      () => logOf(client, 'web'),
      (text) => text === '1\n2\n',
    );
  });
});

describe('the log of a service', () => {
  it('is bounded on disk, and its end is kept', async () => {
    const { client, directory } = await startTestAgent();
    await client.putService('web', {
      command: 'seq 1000000; echo the end; exec sleep 300',
    });
    await until(
      async () => {
        let all = '';
        for await (const { text } of client.serviceLogs('web', { tail: 2 }))
          all += text;
        return all;
      },
      (text) => text === '1000000\nthe end\n',
    );
    const folder = path.join(directory, 'run/services/web');
    const bytes = fs
      .readdirSync(folder)
      .map((name) => fs.statSync(path.join(folder, name)).size)
      .reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(2 * 1024 * 1024);
  });

  /** Follows a log after a frame until this was read; answers all of it, and the frame to go on after. */
  async function readUntil(
    client: AgentClient,
    wanted: string,
    after?: string,
  ) {
    let text = '';
    let last = '';
    let gaps = 0;
    let lost = 0;
    const frames = client.serviceLogs('web', { follow: true, after });
    for await (const frame of frames) {
      text += frame.text;
      last = frame.id ?? '';
      if (frame.gap === true) gaps += 1;
      lost += frame.lost ?? 0;
      if (text.includes(wanted)) break;
    }
    return { text, last, gaps, lost };
  }

  it('is taken up after a frame, with each letter once, also one that was written in two pieces', async () => {
    const { client, app } = await startTestAgent();
    await client.putService('web', {
      command:
        "printf 'one\\342\\202'; until [ -e go ]; do sleep 0.02; done; printf '\\254two'; exec sleep 300",
    });
    const first = await readUntil(client, 'one');
    expect(first).toMatchObject({ text: 'one', gaps: 0 });
    fs.writeFileSync(path.join(app, 'go'), '');
    const second = await readUntil(client, 'two', first.last);
    expect(second).toMatchObject({ text: '\u20actwo', gaps: 0 });
    expect(await readUntil(client, '', second.last)).toMatchObject({
      ...{ text: '', gaps: 0, last: second.last },
    });
  });

  it('tells of what is not kept any more', async () => {
    const { client, app } = await startTestAgent();
    await client.putService('web', {
      command:
        'echo one; until [ -e go ]; do sleep 0.02; done; seq 1000000; echo the end; exec sleep 300',
    });
    const first = await readUntil(client, 'one');
    fs.writeFileSync(path.join(app, 'go'), '');
    await until(
      () => logOf(client, 'web'),
      (text) => text.endsWith('the end\n'),
    );
    const second = await readUntil(client, 'the end', first.last);
    expect(second.gaps).toBe(1);
    expect(second.text.length).toBeLessThan(2 * 1024 * 1024);
    // What seq writes, a digit at a time, and the last line.
    const written = 6_888_896 + 'the end\n'.length;
    expect(second.lost + second.text.length).toBe(written);
  });

  it('goes on in a sandbox that has woken with what was written since, and tells that it may miss something', async () => {
    const { client, end, again } = await startTestAgent();
    const services = [{ name: 'web', command: 'echo up; exec sleep 300' }];
    await client.boot({ env: {}, services });
    const first = await readUntil(client, 'up');
    await end('SIGTERM');
    const woken = await again();
    await woken.client.boot({ env: {}, services });
    expect(await readUntil(woken.client, 'up', first.last)).toMatchObject({
      ...{ text: 'up\n', gaps: 1, lost: 0 },
    });
  });

  it('can be followed over a restart, until the service is gone', async () => {
    const { client } = await startTestAgent();
    await client.putService('web', {
      command: 'echo start; exec sleep 300',
    });
    await until(
      () => logOf(client, 'web'),
      (text) => text === 'start\n',
    );
    let seen = '';
    for await (const { text } of client.serviceLogs('web', { follow: true })) {
      seen += text;
      if (seen === 'start\n') await client.restartService('web');
      if (seen === 'start\nstart\n') await client.deleteService('web');
    }
    expect(seen).toBe('start\nstart\n');
  });
});
