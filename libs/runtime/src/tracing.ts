/** What a span says of itself besides its name. */
type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  /** `server`: serves a request; `consumer`: does what was asked for earlier; `client`: asks another program. */
  readonly kind?: 'server' | 'consumer' | 'client';
  /** A W3C `traceparent` that it belongs to, instead of the active span; one that cannot be read counts as none. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

/** A span under way. */
interface ActiveSpan {
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
}

/** Measures what belongs together across processes. */
export interface Tracing {
  /** Runs work in a span, which is the active one in all that the work awaits; a rejection marks it as failed. */
  span<T>(
    name: string,
    options: SpanOptions,
    work: (span: ActiveSpan) => Promise<T>,
  ): Promise<T>;
  /** Begins a span within the active one that is over when the answered function is called. */
  begin(name: string): () => void;
  /** The active span as a W3C `traceparent`; undefined outside of any. */
  current(): string | undefined;
  /** Lets work that is called from elsewhere later run in the span that is active now. */
  bind<T>(work: () => T): () => T;
  /** Sends what was measured; within 5 s. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** Measures nothing. */
export const NO_TRACING: Tracing = {
  span: (_name, _options, work) => work({ rename: nothing, set: nothing }),
  begin: () => nothing,
  current: () => undefined,
  bind: (work) => work,
  close: () => Promise.resolve(),
};

/** Of the standard variables of OpenTelemetry those that decide whether there is anything to load; its exporter reads the others. */
export interface TracingSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string;
  readonly OTEL_SDK_DISABLED: boolean;
  /** Which part of the traces that begin here is kept, 0 to 1. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

/** Traces for as long as there is somewhere to send it to; else nothing is loaded. */
export async function startTracing(
  name: string,
  settings: TracingSettings,
): Promise<Tracing> {
  const endpoint =
    settings.OTEL_EXPORTER_OTLP_ENDPOINT +
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (endpoint === '' || settings.OTEL_SDK_DISABLED) return NO_TRACING;
  const { createTracing } = await import('./open-telemetry.ts');
  return createTracing(`sandboxed-${name}`, settings.OTEL_TRACES_SAMPLER_ARG);
}
