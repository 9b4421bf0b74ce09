import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import type { Collector, Span } from '../src/traces/collector.ts';
import { startCollector } from '../src/traces/collector.ts';

let collector: Collector;
let stack: OwnStack;
beforeAll(async () => {
  collector = await startCollector();
  stack = await startOwnStack({
    workers: 1,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
  });
}, 60_000);
afterAll(async () => {
  await stack.close();
  await collector.close();
}, 60_000);

/** Creates a sandbox in a trace of the caller's; answers the trace, once all of it arrived. */
async function create(): Promise<{
  readonly spans: readonly Span[];
  readonly caller: string;
}> {
  const traceId = randomBytes(16).toString('hex');
  const caller = randomBytes(8).toString('hex');
  const response = await fetch(`${stack.api}/sandbox?wait=60`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent: `00-${traceId}-${caller}-01`,
    },
    body: '{}',
  });
  z.object({ id: z.string() }).parse(await response.json());
  const ours = () => collector.spans.filter((span) => span.traceId === traceId);
  const deadline = performance.now() + 20_000;
  while (
    !['POST ', 'job '].every((start) =>
      ours().some(({ name }) => name.startsWith(start)),
    )
  ) {
    if (performance.now() > deadline) throw new Error('no trace within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { spans: ours(), caller };
}

it('joins a call, its job and what that asks of Docker in one trace, the caller’s', async () => {
  const { spans, caller } = await create();
  const named = (name: string): Span => {
    const [span, ...more] = spans.filter((each) => each.name === name);
    if (span === undefined || more.length > 0)
      throw new Error(`${name} in ${spans.map((each) => each.name).join()}`);
    return span;
  };
  const call = named('POST /v1/sandboxes');
  expect([call.service, call.parentSpanId]).toEqual(['sandboxed-api', caller]);
  const job = named('job create');
  expect([job.service, job.parentSpanId]).toEqual([
    'sandboxed-worker',
    call.spanId,
  ]);
  for (const name of [
    'docker ensure',
    'docker start',
    'step agent',
    'step app',
  ])
    expect([name, named(name).parentSpanId]).toEqual([name, job.spanId]);
  const keys = job.attributes.map(({ key }) => key);
  expect(keys).toContain('sandboxed.sandbox.id');
}, 60_000);

it('keeps calls that come at once apart, which share a commit', async () => {
  const traces = await Promise.all([create(), create(), create(), create()]);
  for (const { spans } of traces)
    expect(spans.filter(({ name }) => name === 'job create')).toHaveLength(1);
}, 60_000);
