import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import type { Family } from './read-exposition.ts';
import { readExposition } from './read-exposition.ts';
import { cleanUp, listen, noSandbox, running, world } from './support.ts';

afterEach(cleanUp);

const REQUESTS = 'sandboxed_http_request_duration_seconds';

/** Value of a line by its labels; undefined when there is none. */
function valueOf(
  family: Family | undefined,
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return family?.samples.find(
    (sample) =>
      sample.name === name &&
      JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
  )?.value;
}

it('tells nothing that a scraper could not read, also of what has not happened yet', async () => {
  const api = await listen(await world());
  const { status, headers, text } = await api('GET /metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const families = readExposition(text);
  expect(families.get('sandboxed_sandboxes')?.type).toBe('gauge');
  expect(families.get('sandboxed_job_phase_seconds')).toMatchObject({
    type: 'histogram',
    samples: [],
  });
});

it('tells how long jobs waited and took, as the workers added it up', async () => {
  const deps = await world();
  const api = await listen(deps);
  const durations = [0.004, 0.02, 90].reduce(withDuration, NO_DURATIONS);
  const of = { kind: 'create', histogram: durations } as const;
  deps.store.jobFigures.add([
    { measure: 'queue', detail: '', ...of },
    { measure: 'phase', detail: 'agent', ...of },
    { measure: 'duration', detail: 'succeeded', ...of },
  ]);
  const families = readExposition((await api('GET /metrics')).text);
  for (const [name, more] of [
    ['sandboxed_job_queue_seconds', {}],
    ['sandboxed_job_phase_seconds', { phase: 'agent' }],
    ['sandboxed_job_duration_seconds', { outcome: 'succeeded' }],
  ] as const) {
    const labels = { kind: 'create', ...more };
    const family = families.get(name);
    const below = (le: string) =>
      valueOf(family, `${name}_bucket`, { ...labels, le });
    expect([below('0.0025'), below('0.005'), below('0.025')]).toEqual([
      0, 1, 2,
    ]);
    expect([below('60'), below('+Inf')]).toEqual([2, 3]);
    expect(valueOf(family, `${name}_count`, labels)).toBe(3);
    expect(valueOf(family, `${name}_sum`, labels)).toBeCloseTo(90.024);
  }
});

it('counts calls by method, route and status, whatever their ids are', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  await api(`GET /sandbox/${id}`);
  await api(`GET /v1/sandboxes/${id}`);
  for (let n = 0; n < 3; n += 1) await api(`GET /sandbox/${noSandbox()}`);
  await api('GET /no/such/path');
  await api(`PUT /sandbox/${id}`);
  const family = readExposition((await api('GET /metrics')).text).get(REQUESTS);
  const count = (method: string, route: string, status: string) =>
    valueOf(family, `${REQUESTS}_count`, { method, route, status });
  expect(count('GET', '/v1/sandboxes/{id}', '200')).toBe(2);
  expect(count('GET', '/v1/sandboxes/{id}', '404')).toBe(3);
  expect(count('GET', 'none', '404')).toBe(1);
  expect(count('PUT', 'none', '405')).toBe(1);
  expect(JSON.stringify(family)).not.toContain(id);
});
