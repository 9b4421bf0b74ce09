import { SpanKind, trace } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import {
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/**
 * Samples the part `ratio` of traces, each whole. Of requests neither what a caller says nor the id that it chose decides: anybody could
 * have all of them recorded, or none. `random` answers from 0 to 1.
 */
export function sampleRequests(
  ratio: number,
  random: () => number = Math.random,
): Sampler {
  const own = new ParentBasedSampler({
    root: new TraceIdRatioBasedSampler(ratio),
  });
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const isStranger =
        kind === SpanKind.SERVER &&
        trace.getSpanContext(context)?.isRemote === true;
      if (!isStranger)
        return own.shouldSample(
          ...([context, traceId, name, kind, attributes, links] as const),
        );
      return {
        decision:
          random() < ratio
            ? SamplingDecision.RECORD_AND_SAMPLED
            : SamplingDecision.NOT_RECORD,
      };
    },
    toString: () => `sampleRequests{${ratio}}`,
  };
}
