import { z } from 'zod';
import { envSchema } from './environment.ts';
import {
  cwdSchema,
  serviceCommandSchema,
  serviceNameSchema,
} from './service.ts';

/** The manifest's file name, in the app directory. */
export const MANIFEST_FILE = 'sandbox.yaml';
/** A longer manifest is refused unread. Bytes. */
export const MANIFEST_MAX_BYTES = 65_536;
/** Seconds that a build may take. */
export const BUILD_TIMEOUT_SECONDS = { fallback: 300, max: 3_600 } as const;
/** The name that the manifest's `web` and a detected app run under. */
export const WEB_SERVICE = 'web';

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

/** Path of the app that tells whether it is healthy. */
const healthPathSchema = z
  .string()
  .max(2_048)
  .regex(/^\/[\x21-\x7e]*$/, 'must begin with / and hold visible ASCII alone');

const placed = { cwd: cwdSchema.optional(), env: envSchema.default({}) };

/** What a `sandbox.yaml` may hold; an unknown key is an error. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  web: z
    .strictObject({
      command: serviceCommandSchema,
      port: wholeNumber(1, 65_535).default(3000),
      health_path: healthPathSchema.default('/'),
      ...placed,
    })
    .optional(),
  build: z
    .strictObject({
      command: serviceCommandSchema,
      timeout_seconds: wholeNumber(1, BUILD_TIMEOUT_SECONDS.max).default(
        BUILD_TIMEOUT_SECONDS.fallback,
      ),
    })
    .optional(),
  workers: z
    .array(
      z.strictObject({
        name: serviceNameSchema.refine(
          (name) => name !== WEB_SERVICE,
          `must not be "${WEB_SERVICE}"`,
        ),
        command: serviceCommandSchema,
        ...placed,
      }),
    )
    .max(16)
    .default([])
    .superRefine((workers, context) => {
      for (const [index, { name }] of workers.entries())
        if (workers.findIndex((worker) => worker.name === name) !== index)
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `"${name}" is named twice`,
          });
    }),
});
/** What `sandbox.yaml` says an app consists of. */
export type Manifest = z.output<typeof manifestSchema>;
