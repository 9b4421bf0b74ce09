import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { sampleRequests } from './sample-requests.ts';

const { NOT_RECORD, RECORD_AND_SAMPLED } = SamplingDecision;
const TRACE = 'f'.repeat(31) + 'e';

function decide(
  ratio: number,
  kind: SpanKind,
  { flags, isRemote }: { flags: number; isRemote: boolean },
  chance = 0.5,
): SamplingDecision {
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    ...{ traceId: TRACE, spanId: '1'.repeat(16), traceFlags: flags, isRemote },
  });
  const sampler = sampleRequests(ratio, () => chance);
  return sampler.shouldSample(parent, TRACE, 'GET', kind, {}, []).decision;
}

it.each([0, 1])('asks no stranger whether to sample: flags %i', (flags) => {
  const stranger = { flags, isRemote: true };
  expect(decide(0.4, SpanKind.SERVER, stranger)).toBe(NOT_RECORD);
  expect(decide(0.6, SpanKind.SERVER, stranger)).toBe(RECORD_AND_SAMPLED);
});

it('samples all of a trace of our own, whoever goes on with it', () => {
  for (const isRemote of [true, false])
    expect(decide(0, SpanKind.CONSUMER, { flags: 1, isRemote })).toBe(
      RECORD_AND_SAMPLED,
    );
  expect(decide(1, SpanKind.SERVER, { flags: 0, isRemote: false })).toBe(
    NOT_RECORD,
  );
});
