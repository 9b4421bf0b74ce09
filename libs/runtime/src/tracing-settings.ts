import { z } from 'zod';

/** Fields of a process's configuration, see `TracingSettings`. */
export const TRACING_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().default(''),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().default(''),
  OTEL_SDK_DISABLED: z
    .enum(['true', 'false', ''])
    .default('false')
    .transform((text) => text === 'true'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .default('')
    .transform((text) => (text === '' ? 1 : Number(text)))
    .pipe(z.number().min(0).max(1)),
} as const;
