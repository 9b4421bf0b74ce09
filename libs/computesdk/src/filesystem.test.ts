import { Sandbox } from '@sandboxed/sdk';
import { filesystem } from './filesystem.ts';

/** ComputeSDK hands it over for providers without an API of files. */
const shell = () => Promise.reject(new Error('not asked for'));

/** A sandbox whose API answers each call by the next of the answers; `asked` holds their paths. */
async function sandboxOf(...answers: readonly object[]) {
  const asked: string[] = [];
  const left = [{ id: 'S', status: 'running' }, ...answers];
  const fetch = (url: unknown, { body }: RequestInit = {}) => {
    const { pathname, searchParams } = new URL(String(url));
    const what = typeof body === 'string' ? body : searchParams.get('path');
    asked.push(`${pathname} ${what ?? ''}`.trim());
    return Promise.resolve(Response.json(left.shift()));
  };
  const sandbox = await Sandbox.connect('S', { baseUrl: 'http://x', fetch });
  asked.shift();
  return { sandbox, asked };
}

const entry = (path: string) => ({
  ...{ path, type: 'file', size: 1, mode: '0644' },
  modified_at: '2026-11-28T09:30:00.000Z',
});

it.each(['src/a/', './src//a', '/home/sandbox/workspace/app/src/a/'])(
  'finds %s',
  async (path) => {
    const entries = [entry('src/a')];
    const { sandbox } = await sandboxOf({ entries, truncated: false });
    expect(await filesystem.exists(sandbox, path, shell)).toBe(true);
  },
);

it('lists all of a directory that one answer does not hold', async () => {
  const { sandbox, asked } = await sandboxOf(
    { entries: [entry('many/a')], truncated: true },
    {
      ...{ job_id: 'J', exit_code: 0, duration_ms: 1, stderr: '' },
      stdout: 'f 1 1764322200.5 a/d 4096 1764322200.5 b/',
    },
  );
  expect(await filesystem.readdir(sandbox, 'many/', shell)).toMatchObject([
    { name: 'a', type: 'file' },
    { name: 'b', type: 'directory' },
  ]);
  expect(asked).toEqual([
    '/v1/sandboxes/S/files many',
    expect.stringContaining('"find","/home/sandbox/workspace/app/many"'),
  ]);
});

it('does not take a part of a directory for all of it', async () => {
  const { sandbox } = await sandboxOf(
    { entries: [], truncated: true },
    {
      ...{ job_id: 'J', exit_code: 0, duration_ms: 1, stderr: '' },
      ...{ stdout: 'f 1 1764322200.5 a/', truncated: true },
    },
  );
  await expect(filesystem.readdir(sandbox, '', shell)).rejects.toThrow(/1 MiB/);
});
