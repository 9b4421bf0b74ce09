import { request } from 'node:http';
import { z } from 'zod';
import {
  API,
  call,
  docker,
  exec,
  ok,
  preview,
  sandboxes,
  sandboxSchema,
  service,
  untilFinished,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const problemSchema = z.object({
  status: z.number(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string() })).optional(),
});

describe('bad input', () => {
  it.each([
    [{ ports: [3000, 3000] }, '/ports/1'],
    [{ ports: [0] }, '/ports/0'],
    [{ ports: [65_536] }, '/ports/0'],
    [{ env: { 'A\nB': 'x' } }, '/env/A\nB'],
    [{ env: { 'A=B': 'x' } }, '/env/A=B'],
    [{ surprise: 1 }, '/surprise'],
    [{ id: 'demo01' }, '/id'],
  ])(
    '%j is refused at its field and leaves nothing behind',
    async (body, path) => {
      const before = await ok('GET', '/sandboxes');
      const answer = await call('POST', '/sandbox', body);
      const problem = problemSchema.parse(answer.body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain('problem+json');
      expect(problem.code).toBe('invalid_request');
      expect(problem.errors?.map((error) => error.path)).toContain(path);
      expect(await ok('GET', '/sandboxes')).toEqual(before);
    },
  );

  it.each([
    ['POST', '/sandbox', '{"a":', 400],
    ['POST', '/sandbox', `{"name":"${'x'.repeat(2 * 1024 * 1024)}"}`, 413],
    ['GET', '/sandbox/demo01', undefined, 400],
    ['GET', '/sandbox/%2e%2e%2f%2e%2e%2fetc', undefined, 400],
    ['GET', '/sandbox/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, 404],
    ['POST', '/sandbox/01ARZ3NDEKTSV4RRFFQ69G5FAV/purge', '{}', 404],
    ['GET', '/nothing/here', undefined, 404],
    ['PUT', '/sandbox', '{}', 405],
    ['GET', '/sandboxes?limit=0', undefined, 400],
    ['GET', '/sandboxes?cursor=nonsense', undefined, 400],
    ['GET', '/v1/jobs/x', undefined, 400],
  ])(
    '%s %s is a problem document of status %#',
    async (method, path, body, status) => {
      const answer = await call(method, path, body);
      expect(problemSchema.parse(answer.body).status).toBe(status);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('x-request-id')).toBe(
        problemSchema.parse(answer.body).request_id,
      );
    },
  );

  it('that is not UTF-8 is refused', async () => {
    const response = await fetch(`${API}/sandbox`, {
      method: 'POST',
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    });
    expect(response.status).toBe(400);
  });
});

describe('an open API', () => {
  it.each([
    [{ origin: 'http://evil.example' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ host: 'rebound.example' }],
  ])('refuses a call with %j', async (headers) => {
    const status = await new Promise((resolve, reject) => {
      const outgoing = request(
        `${API}/sandboxes`,
        { headers: { ...headers } },
        (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode);
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
    expect(status).toBe(403);
  });

  it('cannot be reached through the edge, whatever the Host', async () => {
    for (const host of ['127.0.0.1:9090', 'localhost', 'api.preview.localhost'])
      expect(
        (await preview(`http://${host}`, { path: '/sandboxes' })).status,
      ).toBe(404);
  });
});

it('answers a repeated Idempotency-Key with the first answer, and another body under it with 422', async () => {
  const headers = { 'idempotency-key': `test-${Date.now()}` };
  const first = await call('POST', '/sandbox', { name: 'one' }, headers);
  const again = await call('POST', '/sandbox', { name: 'one' }, headers);
  fleet.track(sandboxSchema.parse(first.body).id);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const other = await call('POST', '/sandbox', { name: 'two' }, headers);
  expect(other.status).toBe(422);
  const jobId = sandboxSchema.parse(first.body).job_id ?? '';
  await untilFinished(jobId, 30_000);
});

it('replays and follows the events of a job, and resumes after the last one seen', async () => {
  const { id } = await fleet.create();
  const { body } = await call('POST', `/sandbox/${id}/exec`, {
    shell: 'for n in 1 2 3; do echo line $n; sleep 0.2; done',
  });
  const { events_url } = z.object({ events_url: z.string() }).parse(body);
  const all = await (await fetch(`${API}${events_url}`)).text();
  expect(all).toMatch(/^retry: 2000\n/);
  const ids = [...all.matchAll(/^id: (\d+)$/gm)].map((match) =>
    Number(match[1]),
  );
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(all).toContain('line 3');
  expect(all.trimEnd().split('\n\n').at(-1)).toContain('event: done');
  const middle = ids[2] ?? 0;
  const rest = await (
    await fetch(`${API}${events_url}`, {
      headers: { 'last-event-id': String(middle) },
    })
  ).text();
  const later = [...rest.matchAll(/^id: (\d+)$/gm)].map((match) =>
    Number(match[1]),
  );
  expect(later).toEqual(ids.filter((seq) => seq > middle));
}, 60_000);

it('keeps secrets out of answers, inspect, queue and logs', async () => {
  const secret = `s3cret-${Date.now()}`;
  const { id } = await fleet.create({ env: { TOKEN: secret } });
  expect((await exec(id, 'echo ${#TOKEN}')).stdout.trim()).toBe(
    String(secret.length),
  );
  await ok('POST', `/sandbox/${id}/exec?wait=30`, {
    shell: 'test -n "$OWN"',
    env: { OWN: secret },
  });
  const [redis = ''] = await service('redis');
  const places = await Promise.all([
    ok('GET', `/sandbox/${id}`).then((body) => JSON.stringify(body)),
    ok('GET', `/v1/jobs?sandbox_id=${id}`).then((body) => JSON.stringify(body)),
    docker('inspect', `s-${id.toLowerCase()}`),
    docker(
      'exec',
      redis,
      'sh',
      '-c',
      'redis-cli --scan | while read -r k; do redis-cli dump "$k"; done',
    ),
    ...[...(await service('api')), ...(await service('worker'))].map((name) =>
      docker('logs', name),
    ),
  ]);
  for (const place of places) expect(place).not.toContain(secret);
}, 60_000);

it('describes every route, and no other, in its document', async () => {
  const document = z
    .object({
      openapi: z.string(),
      paths: z.record(z.string(), z.record(z.string(), z.unknown())),
    })
    .parse(await ok('GET', '/openapi.json'));
  expect(document.openapi).toBe('3.1.0');
  for (const [path, item] of Object.entries(document.paths)) {
    const real = path
      .replace('{id}', '01ARZ3NDEKTSV4RRFFQ69G5FAV')
      .replace('{name}', 'web');
    const answer = await call('REPORT', real);
    expect(answer.status).toBe(405);
    expect(
      (answer.headers.get('allow') ?? '').toLowerCase().split(', ').sort(),
    ).toEqual(Object.keys(item).sort());
  }
});

it('says what is missing, what runs, and how to drive it', async () => {
  expect(await ok('GET', '/healthz')).toBe('ok\n');
  expect(await ok('GET', '/readyz')).toBe('ready\n');
  expect(await ok('GET', '/metrics')).toContain(
    'sandboxed_sandboxes{state="running"}',
  );
  expect(await ok('GET', '/llms.txt')).toContain('Driving sandboxed');
  expect(await ok('GET', '/v1/system')).toMatchObject({ workers: [{}, {}] });
});
