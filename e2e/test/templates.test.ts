import { z } from 'zod';
import {
  call,
  exec,
  jobSchema,
  ok,
  preview,
  sandboxes,
  until,
  untilStatus,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const servicesSchema = z.object({
  items: z.array(
    z.looseObject({
      name: z.string(),
      source: z.string(),
      status: z.string(),
      port: z.number().optional(),
    }),
  ),
  problem: z.string().optional(),
});

const servicesOf = async (id: string) =>
  servicesSchema.parse(await ok('GET', `/v1/sandboxes/${id}/services`));

/** The page of a preview once it answers; a first start installs the app's dependencies. */
function untilPage(url: string): Promise<string> {
  return until(`${url} to answer`, 240_000, async () => {
    const { status, text } = await preview(url);
    return status === 200 ? text : undefined;
  });
}

it.each([
  ['static', 'Hello, static page'],
  ['node-express', 'Hello, Express'],
  ['fastapi', 'Hello, FastAPI'],
  ['vite-react', 'Hello, Vite and React'],
  ['next', 'Hello, Next.js'],
])(
  'serves a sandbox made from the template %s, and again after a wake',
  async (template, title) => {
    const { id, preview_urls } = await fleet.create({ template });
    const url = preview_urls['3000'] ?? '';
    expect(await untilPage(url)).toContain(title);
    expect((await servicesOf(id)).items).toMatchObject([
      { name: 'web', source: 'detected', port: 3000 },
    ]);

    await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
    await untilStatus(id, 'stopped', 10_000);
    expect(await untilPage(url)).toContain(title);
  },
  600_000,
);

it('runs what sandbox.yaml says, beside what is declared, and says what is wrong with it', async () => {
  const { id, preview_urls } = await fleet.create();
  await exec(
    id,
    `echo hello from the manifest > index.html
cat > sandbox.yaml <<'END'
version: 1
web: { command: exec python3 -m http.server 3000 --bind 0.0.0.0 }
workers: [{ name: tick, command: echo tick; exec sleep 1000 }]
END`,
  );
  await ok('PUT', `/v1/sandboxes/${id}/services/other?wait=30`, {
    command: 'exec sleep 1000',
  });
  expect((await servicesOf(id)).items).toMatchObject([
    { name: 'other', source: 'declared' },
    { name: 'tick', source: 'manifest' },
    { name: 'web', source: 'manifest', port: 3000 },
  ]);
  expect(await untilPage(preview_urls['3000'] ?? '')).toContain(
    'hello from the manifest',
  );
  expect(
    await ok('GET', `/v1/sandboxes/${id}/services/tick/logs?tail=5`),
  ).toContain('tick');
  await ok('POST', `/v1/sandboxes/${id}/services/tick/restart?wait=30`);

  const problem = 'sandbox.yaml line 2: wbe is not a known key';
  await exec(id, "printf 'version: 1\\nwbe: {}\\n' > sandbox.yaml");
  const { result } = jobSchema.parse(
    await untilApplied(id, { command: 'exec sleep 1001' }),
  );
  expect(result).toMatchObject({ applied: 'now', problem });
  const { items, problem: shown } = await servicesOf(id);
  expect(items).toMatchObject([{ name: 'other', source: 'declared' }]);
  expect(shown).toBe(problem);
}, 300_000);

/** Declares the service `other` and answers the finished job. */
async function untilApplied(id: string, spec: object): Promise<unknown> {
  const { job_id } = z
    .object({ job_id: z.string() })
    .parse(await ok('PUT', `/v1/sandboxes/${id}/services/other`, spec));
  return ok('GET', `/v1/jobs/${job_id}?wait=30`);
}

it('knows no service that does not run', async () => {
  const { id } = await fleet.create();
  for (const [method, path] of [
    ['GET', 'web/logs'],
    ['POST', 'web/restart'],
    ['DELETE', 'web'],
  ] as const)
    expect(
      await call(method, `/v1/sandboxes/${id}/services/${path}`),
    ).toMatchObject({ status: 404, body: { code: 'service_not_found' } });
}, 120_000);

it('refuses a template that there is not', async () => {
  expect(await call('POST', '/sandbox', { template: 'cobol' })).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: '/template' }] },
  });
});
