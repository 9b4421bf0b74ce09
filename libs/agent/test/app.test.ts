import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { untilService } from './drive.ts';
import { disposeAgents, startTestAgent } from './start-agent.ts';

afterEach(disposeAgents);

const write = (folder: string, name: string, text: string | Buffer) => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

/** Templates of the test agent: `page`, and what else is written there. */
const withTemplate = (directory: string) => {
  write(directory, 'templates/page/index.html', '<h1>page</h1>');
  write(directory, 'templates/page/src/.keep', '');
};

describe('the facts of an app', () => {
  it('are the known names that are there, and the text of those that say how it is run', async () => {
    const { client, app } = await startTestAgent();
    write(app, 'sandbox.yaml', 'version: 1');
    write(app, 'package.json', '{}');
    write(app, 'yarn.lock', 'locked');
    write(app, 'app/main.py', 'import fastapi');
    write(app, 'public/index.html', '<p>');
    write(app, 'secret.txt', 'not asked for');
    fs.mkdirSync(path.join(app, 'node_modules'));
    const { present, texts } = await client.app();
    expect([...present].sort()).toEqual([
      'app/main.py',
      'node_modules',
      'package.json',
      'public/index.html',
      'sandbox.yaml',
      'yarn.lock',
    ]);
    expect(texts).toEqual({
      'sandbox.yaml': 'version: 1',
      'package.json': '{}',
      'app/main.py': 'import fastapi',
    });
  });

  it('are none when the directory is missing or a file', async () => {
    const { client, app } = await startTestAgent();
    fs.rmSync(app, { recursive: true });
    expect(await client.app()).toEqual({ present: [], texts: {} });
    fs.writeFileSync(app, '');
    expect(await client.app()).toEqual({ present: [], texts: {} });
  });

  it('hold no link, wherever it stands in the path', async () => {
    const { client, app, directory } = await startTestAgent();
    write(directory, 'outside/main.py', 'outside');
    fs.symlinkSync(path.join(directory, 'outside'), path.join(app, 'app'));
    fs.symlinkSync(
      path.join(directory, 'outside/main.py'),
      path.join(app, 'main.py'),
    );
    expect(await client.app()).toEqual({ present: [], texts: {} });
  });

  it('hold no text over 64 KiB, of a pipe, a directory or not UTF-8', async () => {
    const { client, app } = await startTestAgent();
    write(app, 'package.json', ' '.repeat(65_537));
    write(app, 'requirements.txt', ' '.repeat(65_536));
    write(app, 'main.py', Buffer.from([0xff, 0xfe]));
    fs.mkdirSync(path.join(app, 'app.py'));
    execFileSync('mkfifo', [path.join(app, 'sandbox.yaml')]);
    const { present, texts } = await client.app();
    expect([...present].sort()).toEqual([
      'app.py',
      'main.py',
      'package.json',
      'requirements.txt',
    ]);
    expect(Object.keys(texts)).toEqual(['requirements.txt']);
  });
});

describe('a template', () => {
  it('fills an empty app directory before the services start', async () => {
    const { client, app } = await startTestAgent(withTemplate);
    await client.boot({
      env: {},
      template: 'page',
      services: [{ name: 'web', command: 'ls index.html; exec sleep 300' }],
    });
    expect(fs.readdirSync(app).sort()).toEqual(['index.html', 'src']);
    expect(fs.readdirSync(path.dirname(app))).toEqual(['app']);
    for await (const { text } of client.serviceLogs('web', { follow: true })) {
      // The first tells only where the log stands.
      if (text === '') continue;
      expect(text).toBe('index.html\n');
      break;
    }
  });

  it('leaves a directory that holds something as it is', async () => {
    const { client, app } = await startTestAgent(withTemplate);
    write(app, 'mine', '');
    await client.boot({ env: {}, template: 'page', services: [] });
    expect(fs.readdirSync(app)).toEqual(['mine']);
  });

  it('comes once: what was deleted stays deleted', async () => {
    const { client, app, end, again } = await startTestAgent(withTemplate);
    await client.boot({ env: {}, template: 'page', services: [] });
    fs.rmSync(path.join(app, 'index.html'));
    fs.rmSync(path.join(app, 'src'), { recursive: true });
    await end('SIGTERM');
    const next = await again();
    await next.client.boot({ env: {}, template: 'page', services: [] });
    expect(fs.readdirSync(app)).toEqual([]);
  });

  it('that was left half copied by a crash is copied whole', async () => {
    const { client, app } = await startTestAgent(withTemplate);
    write(path.dirname(app), '.sandboxed-template/index.html', 'half');
    await client.boot({ env: {}, template: 'page', services: [] });
    expect(fs.readFileSync(path.join(app, 'index.html'), 'utf8')).toBe(
      '<h1>page</h1>',
    );
  });

  it.each(['unknown', '..', 'a/b'])(
    'that is not there is refused: %s',
    async (template) => {
      const { client } = await startTestAgent(withTemplate);
      await expect(
        client.boot({ env: {}, template, services: [] }),
      ).rejects.toMatchObject({ code: 'agent_refused' });
    },
  );
});

it('tells of a service who said that it runs', async () => {
  const { client } = await startTestAgent();
  await client.boot({
    env: {},
    services: [{ name: 'web', command: 'exec sleep 300', source: 'manifest' }],
  });
  const state = await untilService(
    client,
    'web',
    ({ status }) => status === 'running',
  );
  expect(state).toMatchObject({ source: 'manifest' });
});
