import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exceeded, tenants } from './quota-support.ts';
import { afterwards, cleanUp } from './support.ts';

afterEach(cleanUp);

it('lets one of two creates through at the limit, when the second comes in the middle of the first', async () => {
  const { deps, ann } = await tenants({ SANDBOXES: 1 });
  const settings = {
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS: 'ann:annannannannannann',
    SANDBOXED_QUOTA_SANDBOXES: '1',
  };
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      join(__dirname, 'slow-create-process.ts'),
      join(deps.dataDir, 'test.sqlite'),
      JSON.stringify(settings),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  afterwards(() => {
    child.kill('SIGKILL');
    return exited;
  });
  const lines = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  const line = async () => String((await lines.next()).value);
  const url = await line();
  const first = fetch(`${url}/sandbox`, {
    method: 'POST',
    headers: { authorization: 'Bearer annannannannannann' },
    body: '{}',
  });
  expect(await line()).toBe('decided 1');
  expect(deps.store.sandboxes.list({ limit: 9 }).items).toEqual([]);
  const second = await ann('POST /sandbox', {});
  expect(second.body).toMatchObject(exceeded('sandboxes', 1, 1));
  expect((await first).status).toBe(202);
  expect(deps.store.sandboxes.list({ limit: 9 }).items).toHaveLength(1);
});
