import { z } from 'zod';
import type { Env } from './environment.ts';
import { envSchema } from './environment.ts';
import { DomainError } from './errors.ts';

/** Names of services appear in URLs and file names: lower-case DNS labels. */
export const serviceNameSchema = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, at most 63',
  );

/** A path in a sandbox: relative to the app directory, or absolute. */
export const cwdSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'must not hold NUL');

/** A shell script that a service or a build runs. */
export const serviceCommandSchema = z
  .string()
  .min(1)
  .max(16_384)
  .refine((text) => !text.includes('\0'), 'must not hold NUL');

/** Body of `PUT …/services/{name}`. */
export const serviceSpecSchema = z.strictObject({
  command: serviceCommandSchema.describe(
    'A line for bash. It runs again when it ends, and whenever the sandbox starts.',
  ),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(
      'What it listens on: its status is `running` once something does.',
    ),
  cwd: cwdSchema
    .optional()
    .describe(
      'Directory, relative to the app directory or absolute; the app directory unless given.',
    ),
  env: envSchema
    .default({})
    .describe('Variables besides those of the sandbox. Kept encrypted.'),
});
export type ServiceSpec = z.output<typeof serviceSpecSchema>;

/** Who says that a service runs: `sandbox.yaml`, the API, or what was found in the app directory. */
export const SERVICE_SOURCES = ['manifest', 'declared', 'detected'] as const;
export type ServiceSource = (typeof SERVICE_SOURCES)[number];

/** At most this many services are declared in one sandbox. */
export const MAX_SERVICES = 32;

/**
 * Bytes of JSON that a sandbox's environment and its declared services may be in all. A resident agent takes them in one
 * body of 2 MiB; the rest of it is for what `sandbox.yaml` adds.
 */
export const MAX_DECLARED_BYTES = 1_048_576;

/** Throws `invalid_request` for more than a start could hand over. */
export function assertDeclarable(
  env: Env,
  services: readonly { readonly name: string; readonly spec: ServiceSpec }[],
): void {
  const json = JSON.stringify({ env, services });
  if (new TextEncoder().encode(json).length > MAX_DECLARED_BYTES)
    throw new DomainError(
      'invalid_request',
      `The environment of a sandbox and its services may hold ${MAX_DECLARED_BYTES / 1_024} KiB in all. Put large values into files.`,
    );
}
