import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Family } from './read-exposition.ts';
import { readExposition } from './read-exposition.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(cleanUp);

const dir = join(__dirname, '../../../observability');
const dashboardSchema = z.object({
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      targets: z.array(z.object({ expr: z.string() })).min(1),
    }),
  ),
});
const alertsSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});

function dashboardExpressions(): readonly string[] {
  const text = readFileSync(join(dir, 'grafana-dashboard.json'), 'utf8');
  const { panels } = dashboardSchema.parse(JSON.parse(text));
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

function alertExpressions(): readonly string[] {
  const text = readFileSync(join(dir, 'alerts.yaml'), 'utf8');
  return alertsSchema
    .parse(parse(text))
    .groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

/** What the api tells once a little of everything has happened. */
async function told(): Promise<ReadonlyMap<string, Family>> {
  const deps = await world();
  const api = await listen(deps);
  await running(deps, api);
  const histogram = withDuration(NO_DURATIONS, 1);
  deps.store.jobFigures.add([
    { measure: 'queue', detail: '', kind: 'create', histogram },
    { measure: 'phase', detail: 'agent', kind: 'create', histogram },
    { measure: 'duration', detail: 'succeeded', kind: 'create', histogram },
  ]);
  const at = deps.now();
  deps.store.pressure.put({ band: 'normal', availableMb: 1, totalMb: 2, at });
  return readExposition((await api('GET /metrics')).text);
}

/** Names of metrics in an expression: what is neither called, matched, grouped by nor a word of the language. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(by|without|on|ignoring) *\([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z]\w*)\b(?! *\()/g)].map(
    ([, name = '']) => name,
  );
}
const LANGUAGE = new Set(['and', 'or', 'unless', 'bool', 'up']);

it('has every metric that the dashboard and the alerts look at', async () => {
  const families = await told();
  const expressions = [...dashboardExpressions(), ...alertExpressions()];
  expect(expressions.length).toBeGreaterThan(30);
  const used = new Set(expressions.flatMap(metricsIn));
  const missing = [...used].filter((name) => {
    const family = families.get(name);
    const base = families.get(name.replace(/_(bucket|sum|count)$/, ''));
    const isThere =
      (family !== undefined && family.type !== 'histogram') ||
      (base?.type === 'histogram' && base !== family);
    return !isThere && !LANGUAGE.has(name);
  });
  expect(missing).toEqual([]);
  const unseen = [...families.keys()].filter(
    (name) => ![...used].some((each) => each.startsWith(name)),
  );
  expect(unseen).toEqual([
    'sandboxed_jobs',
    'sandboxed_workspaces_files',
    'sandboxed_webhooks',
    'sandboxed_build_info',
    'process_start_time_seconds',
  ]);
});

it('names labels that are there in what the dashboard and the alerts look at', async () => {
  const labels = new Set(['le', 'job']);
  for (const { samples } of (await told()).values())
    for (const sample of samples)
      for (const label of Object.keys(sample.labels)) labels.add(label);
  // Of what has not happened yet.
  labels.add('kind');
  const used = [...dashboardExpressions(), ...alertExpressions()].flatMap(
    (expression) => [
      ...[...expression.matchAll(/\bby *\(([^)]*)\)/g)].flatMap(
        ([, names = '']) => names.split(/, */),
      ),
      ...[...expression.matchAll(/[{,](\w+)(?:=~|!~|!=|=)"/g)].map(
        ([, name = '']) => name,
      ),
    ],
  );
  expect(used.filter((label) => !labels.has(label))).toEqual([]);
});

/** Those that are no PromQL. Grafana puts a time in place of its own words. */
function broken(expressions: readonly string[]): readonly string[] {
  const promql = parser.configure({ strict: true });
  return expressions.filter((expression) => {
    try {
      promql.parse(expression.replaceAll(/\$__\w+/g, '5m'));
      return false;
    } catch {
      return true;
    }
  });
}

it('has PromQL alone in the dashboard and the alerts', () => {
  expect(broken([...dashboardExpressions(), ...alertExpressions()])).toEqual(
    [],
  );
  const wrong = ['sum(rate(a[5m])', 'a >', 'rate(a[5 m])', 'sum by le (a)'];
  expect(broken(wrong)).toEqual(wrong);
});

/** What a label may be: nothing that grows with sandboxes, tenants or time. */
const BOUNDED = new Set([
  ...['state', 'status', 'kind', 'phase', 'outcome', 'band', 'level', 'result'],
  ...['limit', 'queue', 'method', 'route', 'le', 'version', 'node'],
]);

it('follows the conventions of Prometheus in names, units and labels', async () => {
  for (const [name, { type, help, samples }] of await told()) {
    expect(name).toMatch(/^(sandboxed|process)_[a-z][a-z_]*[a-z]$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|mb|kb|mib|percent)\b/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
    for (const { labels } of samples)
      for (const label of Object.keys(labels))
        expect([name, label, BOUNDED.has(label)]).toEqual([name, label, true]);
  }
});
