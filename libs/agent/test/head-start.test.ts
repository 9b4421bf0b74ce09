import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { headStartPipe } from '../src/head-start.ts';
import type { AgentClient } from '../src/index.ts';
import { giveHeadStart, readForeignAppFacts } from '../src/index.ts';
import { run, until } from './drive.ts';
import {
  disposeAgents,
  startTestAgent,
  type TestAgent,
} from './start-agent.ts';

afterEach(disposeAgents);

const SERVICES = [{ name: 'web', command: 'echo $A; exec sleep 300' }];
const HEAD_START = { env: { A: '1' }, services: SERVICES };

const pidOf = async (client: AgentClient) =>
  (
    await until(
      () => client.services(),
      ([first]) => first?.pid !== undefined,
    )
  )[0]?.pid;

async function untilLogged(client: AgentClient, text: string): Promise<void> {
  await until(
    async () => {
      let all = '';
      for await (const piece of client.serviceLogs('web')) all += piece.text;
      return all;
    },
    (all) => all === text,
  );
}

/** An agent that has left its pipe and is gone, and its directory. */
async function sleeping(): Promise<TestAgent & { readonly place: string }> {
  const agent = await startTestAgent();
  const place = path.dirname(agent.socketPath);
  await until(
    () => fs.existsSync(headStartPipe(place)),
    (isThere) => isThere,
  );
  await agent.end('SIGTERM');
  return { ...agent, place };
}

describe('an agent that is given a head start', () => {
  it('has begun with it before it is asked, and a boot that says the same lets it run on', async () => {
    const { place, again } = await sleeping();
    using _given = giveHeadStart(place, HEAD_START);
    const { client } = await again();
    const pid = await pidOf(client);
    await untilLogged(client, '1\n');
    expect(await client.health()).toMatchObject({ booted: false });
    await client.boot(HEAD_START);
    expect(await pidOf(client)).toBe(pid);
    await untilLogged(client, '1\n');
  });

  it('does what the boot says where that says otherwise', async () => {
    const { place, again } = await sleeping();
    using _given = giveHeadStart(place, HEAD_START);
    const { client } = await again();
    await untilLogged(client, '1\n');
    await client.boot({ env: { A: '2' }, services: SERVICES });
    await untilLogged(client, '1\n2\n');
    await client.boot({ env: {}, services: [] });
    expect(await client.services()).toEqual([]);
  });

  it('takes it once: the next start has to be given one of its own', async () => {
    const { place, again } = await sleeping();
    const given = giveHeadStart(place, HEAD_START);
    const first = await again();
    await pidOf(first.client);
    given[Symbol.dispose]();
    await first.end('SIGTERM');
    const second = await first.again();
    expect(await second.client.services()).toEqual([]);
  });

  it.each([
    ['is cut short', JSON.stringify(HEAD_START).slice(0, 20)],
    ['is not its kind of message', '{"services":[{"name":1}]}'],
  ])('waits for its boot when that %s', async (_case, text) => {
    const { place, again } = await sleeping();
    const pipe = fs.openSync(headStartPipe(place), 'r+');
    fs.writeSync(pipe, text);
    const { client } = await again();
    fs.closeSync(pipe);
    expect(await client.services()).toEqual([]);
    await client.boot(HEAD_START);
    await untilLogged(client, '1\n');
  });

  it('waits for its boot when there is more of it than a pipe holds', async () => {
    const { place, again } = await sleeping();
    const long = { ...HEAD_START, env: { A: 'a'.repeat(65_536) } };
    using _given = giveHeadStart(place, long);
    const { client } = await again();
    expect(await client.services()).toEqual([]);
  });

  it.each([
    [
      'a file',
      (at: string) => {
        fs.writeFileSync(at, 'mine');
      },
    ],
    [
      'a link',
      (at: string) => {
        fs.writeFileSync(`${at}.x`, 'mine');
        fs.symlinkSync(`${at}.x`, at);
      },
    ],
    [
      'a link to a pipe',
      (at: string) => {
        execFileSync('mkfifo', [`${at}.x`]);
        fs.symlinkSync(`${at}.x`, at);
      },
    ],
    [
      'a link that leads nowhere',
      (at: string) => {
        fs.symlinkSync(`${at}.x`, at);
      },
    ],
    [
      'a directory',
      (at: string) => {
        fs.mkdirSync(at);
      },
    ],
    ['nothing', () => undefined],
  ])(
    'is given none, and takes none, through %s in place of its pipe',
    async (_case, put) => {
      const { place, again } = await sleeping();
      const at = headStartPipe(place);
      fs.rmSync(at);
      put(at);
      using _given = giveHeadStart(place, HEAD_START);
      const { client } = await again();
      expect(await client.services()).toEqual([]);
      // Pipes are made beside it all the same: what is written to the name of an output gets there.
      const { stdout } = await run(client, { shell: 'echo out >/dev/stdout' });
      expect(stdout).toBe('out\n');
      for (const name of [at, `${at}.x`])
        if (fs.statSync(name, { throwIfNoEntry: false })?.isFile())
          expect(fs.readFileSync(name, 'utf8')).toBe('mine');
    },
  );
});

describe('the facts of an app in a home that is not ours', () => {
  const PARTS = ['workspace', 'app'];

  it('are those that its agent reads', async () => {
    const { app, client, directory } = await startTestAgent();
    fs.writeFileSync(path.join(app, 'package.json'), '{}');
    fs.mkdirSync(path.join(app, 'app'));
    fs.writeFileSync(path.join(app, 'app/main.py'), 'import flask');
    const facts = readForeignAppFacts(path.join(directory, 'home'), PARTS);
    expect(facts).toEqual(await client.app());
    expect(facts?.present).toEqual(['package.json', 'app/main.py']);
  });

  it.each(['workspace', 'workspace/app'])(
    'are unknown where %s is a link',
    async (part) => {
      const { directory } = await startTestAgent();
      const home = path.join(directory, 'home');
      const real = path.join(directory, 'real');
      fs.renameSync(path.join(home, part), real);
      fs.symlinkSync(real, path.join(home, part));
      expect(readForeignAppFacts(home, PARTS)).toBeUndefined();
    },
  );
});
