import { z } from 'zod';
import { envSchema } from './environment.ts';
import { sandboxIdSchema } from './ids.ts';
import { plainText } from './plain-text.ts';
import {
  egressSchema,
  externalSchema,
  idlePolicySchema,
  labelsSchema,
  limitsSchema,
  portSchema,
  visibilitySchema,
  wakePolicySchema,
} from './sandbox.ts';
import { cwdSchema } from './service.ts';

/** Shortest and longest idle timeout a sandbox may ask for, in seconds. */
export const IDLE_TIMEOUT_SECONDS = { min: 5, max: 30 * 86_400 } as const;
/** A keepalive reaches at most this far. */
export const MAX_KEEPALIVE_SECONDS = 86_400;
/** Captured output of an exec is cut at this many bytes per call. */
export const EXEC_OUTPUT_CAP_BYTES = 1_048_576;
export const DEFAULT_EXEC_TIMEOUT_SECONDS = 600;
export const MAX_WAIT_SECONDS = 120;

/** What a new sandbox's app directory may begin with; `blank` is nothing. The others are folders of `templates/`. */
export const TEMPLATES = [
  'blank',
  'vite-react',
  'next',
  'node-express',
  'fastapi',
  'static',
] as const;

const nameSchema = plainText(128);
const imageSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]*$/, 'must be an image reference');
const idleTimeoutSchema = z
  .int()
  .min(IDLE_TIMEOUT_SECONDS.min)
  .max(IDLE_TIMEOUT_SECONDS.max);

const argument = z
  .string()
  .max(131_072)
  .refine((text) => !text.includes('\0'), 'must not hold NUL');

/** Body of `POST /sandbox`. Everything is optional. */
export const createRequestSchema = z.strictObject({
  id: sandboxIdSchema.optional(),
  name: nameSchema.optional(),
  image: imageSchema.optional(),
  template: z.enum(TEMPLATES).optional(),
  ports: z
    .array(portSchema)
    .max(16)
    .superRefine((ports, context) => {
      for (const [index, port] of ports.entries())
        if (ports.indexOf(port) !== index)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `port ${String(port)} is named twice`,
          });
    })
    .default([3000]),
  env: envSchema.default({}),
  labels: labelsSchema.default({}),
  limits: limitsSchema.partial().default({}),
  idle_policy: idlePolicySchema.default('sleep'),
  idle_timeout_seconds: idleTimeoutSchema.optional(),
  visibility: visibilitySchema.default('public'),
  wake: wakePolicySchema.default('on_request'),
  egress: egressSchema.default('open'),
  external: externalSchema.default({}),
});
export type CreateRequest = z.output<typeof createRequestSchema>;

/** Body of `PATCH /v1/sandboxes/{id}`; `labels` is a merge patch, null removes one. */
export const patchRequestSchema = z.strictObject({
  name: nameSchema.nullable().optional(),
  labels: z.record(z.string(), z.string().nullable()).optional(),
  idle_policy: idlePolicySchema.optional(),
  idle_timeout_seconds: idleTimeoutSchema.optional(),
  limits: limitsSchema.partial().optional(),
  visibility: visibilitySchema.optional(),
});
export type PatchRequest = z.output<typeof patchRequestSchema>;

/** Body of `POST …/exec`: an argv or a shell line, never both. */
export const execRequestSchema = z
  .strictObject({
    cmd: z.array(argument).min(1).max(4096).optional(),
    shell: argument.min(1).optional(),
    cwd: cwdSchema.optional(),
    env: envSchema.default({}),
    stdin: z.string().max(1_048_576).optional(),
    timeout_seconds: z.int().min(1).max(86_400).optional(),
    background: z.boolean().default(false),
  })
  .superRefine((body, context) => {
    if ((body.cmd === undefined) === (body.shell === undefined))
      context.addIssue({
        code: 'custom',
        path: ['cmd'],
        message: 'give either "cmd" (a list) or "shell" (a string)',
      });
    if (body.cmd?.[0] === '')
      context.addIssue({
        code: 'custom',
        path: ['cmd', 0],
        message: 'names no program',
      });
  });
export type ExecRequest = z.output<typeof execRequestSchema>;

/** Body of `POST …/keepalive`: an end in unix seconds, a number of seconds, or neither. */
export const keepaliveRequestSchema = z
  .strictObject({
    until: z.int().min(1).max(99_999_999_999).optional(),
    seconds: z.int().min(1).max(MAX_KEEPALIVE_SECONDS).optional(),
  })
  .refine((body) => body.until === undefined || body.seconds === undefined, {
    message: 'give "until" or "seconds", not both',
    path: ['until'],
  });

export const stopRequestSchema = z.strictObject({
  force: z.boolean().default(false),
});
/** Body of calls that take none: an empty object at most. */
export const emptyRequestSchema = z.strictObject({});
