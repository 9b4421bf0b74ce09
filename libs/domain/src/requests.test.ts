import { createRequestSchema, execRequestSchema } from './requests.ts';

function paths(
  schema: typeof createRequestSchema | typeof execRequestSchema,
  body: unknown,
): string[] {
  const parsed = schema.safeParse(body);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => issue.path.join('/'));
}

describe('a create request', () => {
  it('may be empty', () => {
    expect(createRequestSchema.parse({})).toMatchObject({
      ports: [3000],
      idle_policy: 'sleep',
      egress: 'open',
    });
  });

  it.each([
    [{ ports: [3000, 3000] }, 'ports/1'],
    [{ ports: [0] }, 'ports/0'],
    [{ ports: [65_536] }, 'ports/0'],
    [{ env: { 'A=B': 'x' } }, 'env/A=B'],
    [{ env: { 'A\nB': 'x' } }, 'env/A\nB'],
    [{ env: { SANDBOXED_X: 'x' } }, 'env/SANDBOXED_X'],
    [{ env: { A: 'x\0' } }, 'env/A'],
    [{ id: '../../etc' }, 'id'],
    [{ name: 'a\u0007' }, 'name'],
    [{ limits: { memory_mb: 1 } }, 'limits/memory_mb'],
    [{ surprise: true }, ''],
  ])('is refused at the field: %j', (body, path) => {
    expect(paths(createRequestSchema, body)).toContain(path);
  });
});

describe('an exec request', () => {
  it.each([
    [{}, 'cmd'],
    [{ cmd: ['true'], shell: 'true' }, 'cmd'],
    [{ cmd: [] }, 'cmd'],
    [{ cmd: ['a\0b'] }, 'cmd/0'],
    [{ cmd: [''] }, 'cmd/0'],
    [{ shell: 'true', timeout_seconds: 0 }, 'timeout_seconds'],
  ])('is refused at the field: %j', (body, path) => {
    expect(paths(execRequestSchema, body)).toContain(path);
  });
});
