import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { connect } from './connect.ts';

const sandbox_id = '01M3H5W3QMZJ9V1K0TT5X7BD2A';

let client: Client | undefined;
afterEach(() => client?.close());

async function call(
  fetch: typeof globalThis.fetch,
  name: string,
  input: Record<string, unknown>,
) {
  client = await connect(fetch);
  return client.callTool({ name, arguments: { sandbox_id, ...input } });
}

describe('read_file', () => {
  /** As the API answers a range of a file that has no byte there. */
  const outside = () =>
    Promise.resolve(
      Response.json(
        { code: 'range_not_satisfiable', detail: 'None in this range.' },
        { status: 416 },
      ),
    );

  it('answers an empty file as empty', async () => {
    expect(await call(outside, 'read_file', { path: 'a' })).toMatchObject({
      structuredContent: { content: '', encoding: 'utf8', size: 0 },
    });
  });

  it('says that an offset is past the end', async () => {
    const past = await call(outside, 'read_file', { path: 'a', offset: 9 });
    expect(past.isError).toBe(true);
    expect(JSON.stringify(past.content)).toContain('past the end');
  });
});

describe('run_command in the background', () => {
  const bodies: unknown[] = [];
  /** Takes a command, whose program then runs. */
  const installation: typeof fetch = (_, init) => {
    if (init?.method !== 'POST')
      return Promise.resolve(
        Response.json({ status: 'succeeded', result: { process_id: 'p' } }),
      );
    if (typeof init.body === 'string') bodies.push(JSON.parse(init.body));
    return Promise.resolve(Response.json({ job_id: 'j' }, { status: 202 }));
  };
  beforeEach(() => {
    bodies.length = 0;
  });

  it('ends after the time that is given, and by itself without', async () => {
    const run = { command: 'sleep 9', background: true };
    await call(installation, 'run_command', run);
    await client?.close();
    await call(installation, 'run_command', { ...run, timeout_seconds: 5 });
    expect(bodies).toEqual([
      { shell: 'sleep 9', background: true },
      { shell: 'sleep 9', background: true, timeout_seconds: 5 },
    ]);
  });
});
