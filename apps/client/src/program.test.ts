import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Answer, FakeApi } from '../../../libs/sdk/test/fake-api.ts';
import {
  events,
  fakeApi,
  json,
  refusal,
} from '../../../libs/sdk/test/fake-api.ts';
import { bundle, typed } from '../test/typed.ts';

beforeAll(bundle, 60_000);

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});
async function against(
  ...answers: readonly Answer[]
): Promise<Record<string, string>> {
  api = await fakeApi(...answers);
  return { SANDBOXED_URL: api.baseUrl };
}
const ID = '01M8KJJCCBCNR2NCFS6AQDNMDM';
const SANDBOX = {
  id: ID,
  name: 'demo',
  status: 'running',
  status_reason: 'created on request',
  // Of a clock that is ahead: it was now, however slow this host is.
  created_at: '2999-01-01T00:00:00.000Z',
  last_active_at: '2999-01-01T00:00:00.000Z',
  limits: { memory_mb: 2048, cpus: 2, pids: 1024, disk_mb: 10_240 },
  ports: [3000],
  preview_urls: { 3000: 'http://preview' },
  labels: {},
  env_names: [],
};
const LIST = json(200, { items: [SANDBOX], next_cursor: null });

describe('wrong use', () => {
  it.each([
    [['ls', '--nope'], "Unknown option '--nope'"],
    [['lst'], "Unknown command 'lst' (Did you mean one of list, ls?)"],
    [['show'], "Missing required argument 'sandbox'"],
    [['show', 'a', 'b'], 'Too many arguments'],
    [['ls', '--status', 'nope'], '--status: '],
    [['create', '--memory', '1.5'], '--memory: must be a whole number'],
    [['create', '--cpus', 'two'], '--cpus: must be a number'],
    [['create', '-e', 'NOT_SET'], '-e NOT_SET: there is no variable'],
    [['exec', 'box'], 'There is no command to run.'],
    [
      ['exec', 'box', '-it', 'bash'],
      '-it stands where the command is expected.',
    ],
    [
      ['exec', '-c', 'true', 'box', 'ls'],
      'There is both a command and a line for bash.',
    ],
    [['cp', 'a', 'b'], 'One of both is in a sandbox'],
    [
      ['cp', 'box:/etc/passwd', 'b'],
      '/etc/passwd is not in the app directory.',
    ],
    [['rm', ID], 'There is nobody to ask'],
    [['run', ' '], 'The prompt is empty.'],
    [['completion', 'tcsh'], 'There is no completion for tcsh.'],
    [['ls', '--url', 'nope'], '"nope" is no address'],
  ])('%j ends with 2, what is wrong and what to do', async (argv, message) => {
    const environment = await against(json(200, SANDBOX));
    const { code, stdout, stderr } = await typed(argv, environment);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: .+\nWhat to do: .+\n$/);
    expect(stderr).toContain(`Error: ${message}`);
  });

  it('is told as JSON where JSON is wanted', async () => {
    const { code, stderr } = await typed(['ls', '--json', '--nope']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage' } });
  });

  it('a call without a command is answered with the help', async () => {
    const { code, stdout, stderr } = await typed([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: sandboxed');
  });
});

it('help and version are asked for, so they are results', async () => {
  expect(await typed(['--version'])).toEqual({
    code: 0,
    stdout: '0.1.0\n',
    stderr: '',
  });
  const { code, stdout } = await typed(['exec', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('--cwd <directory>');
});

it('prints columns in a pipe, and as JSON what the API answers', async () => {
  const environment = await against(LIST);
  const { stdout } = await typed(['ls'], environment);
  expect(stdout).toBe(`${ID}\tdemo\trunning\t-\t0s\t0s\thttp://preview\n`);
  const told = await typed(['ls', '--json'], environment);
  expect(told.stdout).toBe(
    `${JSON.stringify({ items: [SANDBOX], next_cursor: null })}\n`,
  );
});

it('reads all pages', async () => {
  const environment = await against(
    json(200, { items: [SANDBOX], next_cursor: 'more' }),
    LIST,
  );
  const { stdout } = await typed(['ls', '-q'], environment);
  expect(stdout).toBe(`${ID}\n${ID}\n`);
  expect(api?.came.map(({ url }) => url)).toEqual([
    '/v1/sandboxes?limit=200',
    '/v1/sandboxes?limit=200&cursor=more',
  ]);
});

it('sends the token, and none of the host to another address', async () => {
  const environment = await against(LIST);
  await typed(['ls'], {
    ...environment,
    SANDBOXED_TOKEN: 'mine',
    SANDBOXED_INSTALLED_TOKEN: 'of the host',
  });
  await typed(['ls'], {
    ...environment,
    SANDBOXED_INSTALLED_TOKEN: 'of the host',
  });
  expect(api?.came.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer mine',
    undefined,
  ]);
});

const ended = (result: object) =>
  json(200, { id: 'J', status: 'succeeded', result });

it('a command has its streams and its exit code', async () => {
  const environment = await against(
    json(200, SANDBOX),
    json(202, { job_id: 'J' }),
    events([
      [1, 'stdout', { text: 'out\n', offset: 0 }],
      [2, 'stderr', { text: 'err\n', offset: 0 }],
      [3, 'done', { status: 'succeeded' }],
    ]),
    ended({ exit_code: 7, stdout: 'out\n', stderr: 'err\n' }),
  );
  expect(
    await typed(
      ['exec', '-i', '-e', 'A', '-w', 'src', ID, '--', 'sh', '-c', 'x'],
      { ...environment, A: 'here' },
      'in',
    ),
  ).toEqual({
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(JSON.parse(api?.came[1]?.body ?? '')).toEqual({
    ...{ cmd: ['sh', '-c', 'x'], cwd: 'src', background: false },
    ...{ env: { A: 'here' }, stdin: 'in' },
  });
});

it('what it could not run ends with 125, as the command might have ended with 1', async () => {
  const environment = await against(refusal(404, 'sandbox_not_found'));
  const { code, stderr } = await typed(['exec', ID, 'true'], environment);
  expect(code).toBe(125);
  expect(stderr).toContain("'sandboxed ls' shows");
});

it('one of several that fails is told, and the others are done', async () => {
  const other = '01M8KJJPZ6R31ASYEC2QKYQE0Z';
  const environment = await against((response, request) => {
    const body = { ...SANDBOX, id: request.url.split('/')[3] ?? '' };
    const answer =
      request.method === 'GET'
        ? json(200, body)
        : request.url.includes(other)
          ? refusal(409, 'busy')
          : json(200, {});
    answer(response, request);
  });
  const { code, stdout, stderr } = await typed(
    ['stop', ID, other],
    environment,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: `${ID}\n` });
  expect(stderr).toMatch(
    new RegExp(`^Error: ${other}: .+\nWhat to do: .+--force`),
  );
});

it('says which address does not answer, and why', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  server.close();
  await once(server, 'close');
  const { code, stderr } = await typed(['ls'], {
    SANDBOXED_URL: `http://127.0.0.1:${port ?? 0}`,
  });
  expect(code).toBe(1);
  expect(stderr).toContain('ECONNREFUSED');
  expect(stderr).toContain('SANDBOXED_URL');
});

it.each(['up', 'down', 'doctor', 'backup'])(
  '%s says where it is done',
  async (name) => {
    const { code, stderr } = await typed([name, '--any', 'thing']);
    expect(code).toBe(1);
    expect(stderr).toContain(`'./sandboxed ${name}'`);
  },
);
