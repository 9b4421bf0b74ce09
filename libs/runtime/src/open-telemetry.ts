import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Span } from '@opentelemetry/api';
import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { sampleRequests } from './sample-requests.ts';
import type { SpanOptions, Tracing } from './tracing.ts';

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
} as const;
const CLOSE_MS = 5_000;
/** Spans that wait to be sent; more are dropped. */
const MAX_WAITING = 2_048;
const SEND_MS = 2_000;

/** Sends spans to where the standard variables say, over OTLP. A bundle of its own, loaded where they are set. */
export function createTracing(serviceName: string, ratio: number): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }).merge(
      detectResources({
        detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector],
      }),
    ),
    sampler: sampleRequests(ratio),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        maxQueueSize: MAX_WAITING,
        scheduledDelayMillis: SEND_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('sandboxed');
  // Of our own and not the api's, which are of the whole process.
  const active = new AsyncLocalStorage<Context>();
  const here = (): Context => active.getStore() ?? ROOT_CONTEXT;

  function start(name: string, options: SpanOptions): Span {
    const { kind, parent, attributes } = options;
    return tracer.startSpan(
      name,
      {
        ...(kind !== undefined && { kind: KINDS[kind] }),
        ...(attributes !== undefined && { attributes }),
      },
      remote(parent) ?? here(),
    );
  }

  return {
    async span(name, options, work) {
      const span = start(name, options);
      try {
        return await active.run(trace.setSpan(here(), span), () =>
          work({
            rename: (next) => span.updateName(next),
            set: (attributes) => span.setAttributes(attributes),
          }),
        );
      } catch (error) {
        // The kind alone: a message may quote what is the tenant's.
        const code =
          error instanceof Error && 'code' in error
            ? String(error.code)
            : 'error';
        span.setAttribute('error.type', code);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    begin(name) {
      const span = start(name, {});
      return () => {
        span.end();
      };
    },
    current() {
      const context = trace.getSpanContext(here());
      if (context === undefined || !isSpanContextValid(context))
        return undefined;
      const flags = context.traceFlags.toString(16).padStart(2, '0');
      return `00-${context.traceId}-${context.spanId}-${flags}`;
    },
    bind(work) {
      const context = here();
      return () => active.run(context, work);
    },
    async close() {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, CLOSE_MS).unref();
      });
      await Promise.race([provider.shutdown(), late]);
    },
  };
}

/** The context of a span elsewhere. */
function remote(traceparent: string | undefined): Context | undefined {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(
    traceparent ?? '',
  );
  const [, traceId = '', spanId = '', flags = ''] = found ?? [];
  const context = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  };
  return isSpanContextValid(context)
    ? trace.setSpanContext(ROOT_CONTEXT, context)
    : undefined;
}
