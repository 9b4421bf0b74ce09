import { z } from 'zod';
import { API, call, exec, ok, sandboxes } from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const listSchema = z.object({
  entries: z.array(z.object({ path: z.string(), type: z.string() })),
});

const files = (id: string, rest: string) => `/v1/sandboxes/${id}/files${rest}`;

async function names(id: string): Promise<string[]> {
  const list = await ok('GET', files(id, '?recursive=true'));
  return listSchema.parse(list).entries.map((entry) => entry.path);
}

/** Everything that a client does with files; leaves `kept/a` with `hello` behind. */
async function useFiles(id: string): Promise<void> {
  expect(
    await ok('PUT', files(id, ''), { path: 'd/a', content: 'hello' }),
  ).toMatchObject({ path: 'd/a', size: 5 });
  expect(await ok('GET', files(id, '/content?path=d/a'))).toBe('hello');
  const part = await call('GET', files(id, '/content?path=d/a'), undefined, {
    range: 'bytes=1-3',
  });
  expect([part.status, part.body]).toEqual([206, 'ell']);
  await ok('PUT', files(id, '/content?path=d/raw'), 'streamed');
  expect(await names(id)).toEqual(['d', 'd/a', 'd/raw']);
  await ok('POST', files(id, '/move'), { from: 'd/a', to: 'kept/a' });
  await ok('DELETE', files(id, '?path=d&recursive=true'));
  expect(await names(id)).toEqual(['kept', 'kept/a']);
}

it('works while the sandbox runs, and what it makes belongs to the sandbox', async () => {
  const { id } = await fleet.create();
  await useFiles(id);
  const { stdout, exit_code } = await exec(
    id,
    'stat -c %U:%u:%g:%a kept kept/a; echo " you" >> kept/a; cat kept/a',
  );
  expect(exit_code).toBe(0);
  expect(stdout).toMatch(/:1000:1000:755\n.*:1000:1000:644\nhello you\n$/);
  await ok('PUT', files(id, ''), {
    path: 'run.sh',
    content: '#!/bin/sh\necho ran',
    mode: '0755',
  });
  expect((await exec(id, './run.sh')).stdout).toBe('ran\n');
}, 120_000);

it('works while the sandbox is stopped, without starting it', async () => {
  const { id } = await fleet.create();
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`);
  await useFiles(id);
  expect(await ok('GET', `/sandbox/${id}`)).toMatchObject({
    status: 'stopped',
  });
  expect((await exec(id, 'cat kept/a')).stdout).toBe('hello');
}, 120_000);

it('lets no path out of the app directory', async () => {
  const { id } = await fleet.create();
  for (const path of ['/etc/passwd', '../x', 'a/../../x', 'a%00b', './a'])
    for (const [method, rest] of [
      ['GET', `?path=${path}`],
      ['GET', `/content?path=${path}`],
      ['PUT', `/content?path=${path}`],
      ['DELETE', `?path=${path}`],
    ] as const)
      expect([path, await call(method, files(id, rest))]).toMatchObject([
        path,
        { status: 400, body: { code: 'invalid_request' } },
      ]);

  await exec(
    id,
    'ln -s /etc out; ln -s / root; ln -s /etc/passwd passwd; touch plain',
  );
  for (const path of ['out/passwd', 'root/etc/passwd', 'passwd'])
    for (const [method, rest, body] of [
      ['GET', `/content?path=${path}`, undefined],
      ['PUT', `/content?path=${path}`, 'x'],
      ['PUT', '', { path, content: 'x', append: true }],
      ['POST', '/move', { from: 'plain', to: `${path}/x` }],
    ] as const)
      expect([path, await call(method, files(id, rest), body)]).toMatchObject([
        path,
        { status: 400, body: { code: 'invalid_request' } },
      ]);
  await ok('DELETE', files(id, '?path=root&recursive=true'));
  expect(await names(id)).toEqual(['out', 'passwd', 'plain']);
  expect((await exec(id, 'head -c 4 /etc/passwd')).stdout).toBe('root');

  await exec(id, 'mv ~/workspace ~/moved; ln -s /etc ~/workspace');
  expect(await call('GET', files(id, ''))).toMatchObject({ status: 400 });
}, 120_000);

it('stays inside while a process in the sandbox swaps a directory for a link', async () => {
  const { id } = await fleet.create();
  await exec(id, 'mkdir d; echo inside > d/passwd; ln -s /etc link');
  await ok('POST', `/sandbox/${id}/exec?wait=60`, {
    shell:
      'while :; do mv -T d real; mv -T link d; mv -T d link; mv -T real d; done 2>/dev/null',
    background: true,
    timeout_seconds: 60,
  });
  const seen = new Set<unknown>();
  for (let round = 0; round < 500; round += 1) {
    const { status, body } = await call(
      'GET',
      files(id, '/content?path=d/passwd'),
    );
    expect(JSON.stringify(body)).not.toContain('root:');
    seen.add(status);
  }
  expect(seen).toContain(200);
  expect(seen).toContain(400);
}, 180_000);

it('carries a tree from one sandbox to another', async () => {
  const from = await fleet.create();
  const to = await fleet.create();
  await exec(
    from.id,
    'mkdir -p src node_modules/x .git; echo code > src/main.js; chmod 755 src/main.js; echo ref > .git/HEAD; ln -s main.js src/inner; ln -s /etc src/outer',
  );
  const response = await fetch(`${API}/sandbox/${from.id}/export`);
  expect(response.headers.get('content-type')).toBe('application/gzip');
  const archive = await response.arrayBuffer();
  const imported = await fetch(`${API}/sandbox/${to.id}/import`, {
    method: 'POST',
    body: archive,
  });
  expect([imported.status, await imported.json()]).toEqual([
    200,
    { files: 3, bytes: 9 },
  ]);
  expect(await names(to.id)).toEqual([
    '.git',
    'src',
    '.git/HEAD',
    'src/inner',
    'src/main.js',
  ]);
  const { stdout } = await exec(to.id, 'cat src/inner; stat -c %a src/main.js');
  expect(stdout).toBe('code\n755\n');
}, 180_000);
