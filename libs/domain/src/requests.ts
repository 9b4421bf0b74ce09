import { z } from 'zod';
import { envSchema } from './environment.ts';
import { sandboxIdSchema } from './ids.ts';
import { plainText } from './plain-text.ts';
import {
  DEFAULT_LIMITS,
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
  id: sandboxIdSchema
    .optional()
    .describe('A ULID for it; one is made unless given.'),
  name: nameSchema.optional().describe('For people; two may have the same.'),
  image: imageSchema
    .optional()
    .describe(
      'An image that is on the host and that the settings allow; that of the settings unless given.',
    ),
  template: z
    .enum(TEMPLATES)
    .optional()
    .describe('What its app directory begins with; nothing unless given.'),
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
    .default([3000])
    .describe('Ports that have a preview URL.'),
  env: envSchema
    .default({})
    .describe(
      'Environment variables of all its programs. Kept encrypted and never shown again: the place for secrets.',
    ),
  labels: labelsSchema
    .default({})
    .describe('Words of yours to find it by, at most 64.'),
  limits: limitsSchema
    .partial()
    .default({})
    .describe(
      `What it may use; where left out ${DEFAULT_LIMITS.memory_mb} MiB of memory, ${DEFAULT_LIMITS.cpus} processors, ${DEFAULT_LIMITS.pids} processes, ${DEFAULT_LIMITS.disk_mb} MiB of disk.`,
    ),
  idle_policy: idlePolicySchema
    .default('sleep')
    .describe('`sleep` stops it after its idle timeout, `always_on` does not.'),
  idle_timeout_seconds: idleTimeoutSchema
    .optional()
    .describe(
      'Seconds without use after which it sleeps; those of the settings unless given.',
    ),
  visibility: visibilitySchema
    .default('public')
    .describe('`private`: its previews open with a preview link alone.'),
  wake: wakePolicySchema
    .default('on_request')
    .describe(
      '`on_request`: a visit of its preview wakes it; `manual`: it does not.',
    ),
  egress: egressSchema
    .default('open')
    .describe('`none`: it reaches no network, and no name is resolved.'),
  external: externalSchema
    .default({})
    .describe('Ids of your own system, to find it by.'),
});
export type CreateRequest = z.output<typeof createRequestSchema>;

/** Body of `PATCH /v1/sandboxes/{id}`; `labels` is a merge patch, null removes one. */
export const patchRequestSchema = z.strictObject({
  name: nameSchema
    .nullable()
    .optional()
    .describe('For people; null takes it away.'),
  labels: z
    .record(z.string(), z.string().nullable())
    .optional()
    .describe('Labels to set; null removes one, and others stay.'),
  idle_policy: idlePolicySchema
    .optional()
    .describe('`sleep` stops it after its idle timeout, `always_on` does not.'),
  idle_timeout_seconds: idleTimeoutSchema
    .optional()
    .describe('Seconds without use after which it sleeps.'),
  limits: limitsSchema
    .partial()
    .optional()
    .describe('Limits to change, also of a sandbox that runs; others stay.'),
  visibility: visibilitySchema
    .optional()
    .describe('A change revokes all preview links.'),
});
export type PatchRequest = z.output<typeof patchRequestSchema>;

/** Body of `POST …/exec`: an argv or a shell line, never both. */
export const execRequestSchema = z
  .strictObject({
    cmd: z
      .array(argument)
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'A program and its arguments, which no shell touches; this or `shell`.',
      ),
    shell: argument
      .min(1)
      .optional()
      .describe('A line for bash; this or `cmd`.'),
    cwd: cwdSchema
      .optional()
      .describe(
        'Directory, relative to the app directory or absolute; the app directory unless given.',
      ),
    env: envSchema
      .default({})
      .describe(
        'Variables besides those of the sandbox. Kept encrypted, and erased when the job ends.',
      ),
    stdin: z
      .string()
      .max(1_048_576)
      .optional()
      .describe('What it reads. Kept encrypted, and erased when the job ends.'),
    timeout_seconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe(
        `It is ended after so many seconds: ${DEFAULT_EXEC_TIMEOUT_SECONDS} unless given, and without a limit in the background.`,
      ),
    background: z
      .boolean()
      .default(false)
      .describe('The job ends as soon as the program runs, which goes on.'),
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
    until: z
      .int()
      .min(1)
      .max(99_999_999_999)
      .optional()
      .describe(
        'When that ends, in seconds since the epoch; this or `seconds`, and the idle timeout from now on without either.',
      ),
    seconds: z
      .int()
      .min(1)
      .max(MAX_KEEPALIVE_SECONDS)
      .optional()
      .describe('For so many seconds from now on; this or `until`.'),
  })
  .refine((body) => body.until === undefined || body.seconds === undefined, {
    message: 'give "until" or "seconds", not both',
    path: ['until'],
  });

export const stopRequestSchema = z.strictObject({
  force: z
    .boolean()
    .default(false)
    .describe('Also while commands or tasks run, which are cancelled first.'),
});
/** Body of calls that take none: an empty object at most. */
export const emptyRequestSchema = z.strictObject({});
