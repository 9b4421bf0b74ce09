import * as z from 'zod';
import { AGENT_LIMITS } from './limits.ts';

/*
 * A running sandbox keeps the agent that it was started with, so after an upgrade a newer client meets an older agent, and
 * after a roll back an older client a newer agent. Each side speaks with the other across one version:
 *
 * - A new field of an answer is optional, or has a default for agents that do not send it. A new field of a request must be one
 *   that an older agent may leave unread.
 * - A new route answers 404 on an older agent: the caller says what it does then (see `connectedPorts`).
 * - Neither of them raises AGENT_PROTOCOL. It is raised by one when a field or a route changes its meaning or goes away. The
 *   release that raises it still speaks the version before: OLDEST_PROTOCOL is that one, and the next release may drop it.
 *
 * What is further apart is refused by the client before the first call (client/negotiate.ts); the sandbox itself runs on.
 */

/** Version of this protocol. */
export const AGENT_PROTOCOL: number = 1;
/** The oldest version that this side still understands. */
export const OLDEST_PROTOCOL: number = 1;
/** Version of the agent's own code, reported by its health. */
export const AGENT_VERSION = '0.1.0';

// Objects are not strict: a running sandbox keeps the agent it was started with, so each side meets
// fields that only a newer version of the other knows.

/** Text that a program can be given. */
export const textSchema = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not hold NUL');
/** Variables of a program. */
export const environmentSchema = z
  .record(z.string().regex(/^[^=\0]{1,256}$/), textSchema(131_072))
  .refine((env) => Object.keys(env).length <= 1_024, 'at most 1024 variables');
const milliseconds = z.int().min(0);

/** Id of a process: the ULID, in upper case, of the job that it belongs to. */
export const processIdSchema = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a ULID in upper case');

/** Name of a service. */
export const serviceNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be lower-case letters, digits and dashes, at most 63',
  );

/** A TCP port. */
export const portSchema = z.int().min(1).max(65_535);

/** Signals that may be sent to a process group. */
export const signalSchema = z.enum([
  'SIGTERM',
  'SIGKILL',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSTOP',
  'SIGCONT',
  'SIGWINCH',
]);
/** See {@link signalSchema}. */
export type AgentSignal = z.output<typeof signalSchema>;

/**
 * Answer of `GET /v1/app`: which of a fixed list of names are in the app directory, and the text of those that are small
 * plain UTF-8 files and say how an app is run. Links count as absent.
 */
export const appFactsSchema = z.object({
  present: z.array(z.string().max(200)).max(200),
  texts: z.record(
    z.string().max(200),
    z.string().max(AGENT_LIMITS.appTextBytes),
  ),
});
/** See {@link appFactsSchema}. */
export type AppFacts = z.output<typeof appFactsSchema>;

/** Answer of `GET /v1/health`. */
export const healthSchema = z.object({
  protocol: z.int().min(1),
  /** The oldest client that it understands; an agent that does not say understands its own version alone. */
  oldest_protocol: z.int().min(1).optional(),
  version: z.string().max(100),
  pid: z.int().min(1),
  started_at_ms: milliseconds,
  booted: z.boolean(),
  /** Where `?app=1` asks for it; an agent that is older than that does not tell. */
  app: appFactsSchema.optional(),
});
/** See {@link healthSchema}. */
export type AgentHealth = z.output<typeof healthSchema>;

/** What a service is declared with; `cwd` is relative to the app directory unless absolute. */
export const serviceSpecSchema = z.object({
  command: textSchema(65_536).min(1),
  port: portSchema.optional(),
  cwd: textSchema(4_096).min(1).optional(),
  env: environmentSchema.optional(),
  /** Who says that it runs; kept and told again, and of no meaning to the agent. */
  source: z.string().max(32).optional(),
});
/** See {@link serviceSpecSchema}. */
export type AgentServiceSpec = z.output<typeof serviceSpecSchema>;

/** A named service, as `POST /v1/boot` takes it. */
export const namedServiceSchema = serviceSpecSchema.extend({
  name: serviceNameSchema,
});
/** See {@link namedServiceSchema}. */
export type AgentNamedService = z.output<typeof namedServiceSchema>;

/** Name of a template: a folder of those that come with the agent. */
const templateNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

/**
 * Body of `POST /v1/boot`: replaces the environment and the set of services. With `template` an app directory that is empty
 * and never had one is filled from it before the services start.
 */
export const bootSchema = z.object({
  env: environmentSchema,
  template: templateNameSchema.optional(),
  services: z
    .array(namedServiceSchema)
    .max(AGENT_LIMITS.services)
    .refine(
      (services) =>
        new Set(services.map(({ name }) => name)).size === services.length,
      'each service is named once',
    ),
});
/** See {@link bootSchema}. */
export type AgentBoot = z.output<typeof bootSchema>;

/** Body of `POST /v1/processes`; either `cmd` (argv) or `shell` (a script). */
export const startProcessSchema = z
  .object({
    id: processIdSchema,
    cmd: z.array(textSchema(131_072)).min(1).max(4_096).optional(),
    shell: textSchema(1_048_576).min(1).optional(),
    cwd: textSchema(4_096).min(1).optional(),
    env: environmentSchema.optional(),
    stdin: z.string().optional(),
    timeout_ms: z.int().min(1).max(AGENT_LIMITS.processTimeoutMs).optional(),
    output_cap_bytes: z.int().min(0).max(AGENT_LIMITS.outputCapBytes),
    /** At its end kill what it left behind, also what left its group. */
    sweep: z.boolean().optional(),
  })
  .refine(
    (request) => (request.cmd === undefined) !== (request.shell === undefined),
    'exactly one of cmd and shell is given',
  );
/** See {@link startProcessSchema}. */
export type StartProcess = z.output<typeof startProcessSchema>;

/**
 * A process. `exit_code` is 128 + n after signal n, 127 for a command that was not found and 126 for one that could
 * not be started (then `error` says why). `error` is `sandbox_stopped` when the agent stopped or restarted under it.
 */
export const processStateSchema = z.object({
  id: processIdSchema,
  pid: z.int().min(1).optional(),
  status: z.enum(['running', 'exited']),
  exit_code: z.int().min(0).max(255).optional(),
  signal: z.string().max(20).optional(),
  timed_out: z.boolean(),
  truncated: z.boolean(),
  started_at_ms: milliseconds,
  finished_at_ms: milliseconds.optional(),
  error: z.string().max(1_000).optional(),
});
/** See {@link processStateSchema}. */
export type ProcessState = z.output<typeof processStateSchema>;

/** Answer of `GET /v1/processes`. */
export const processListSchema = z.array(processStateSchema).max(2_000);

/** Which of its two outputs a process wrote to. */
export type OutputStream = 'stdout' | 'stderr';

/** One line of a process' output stream; `offset` is where to resume after it. */
export const outputFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('output'),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    offset: z.int().min(0),
  }),
  z.object({ type: z.literal('exit'), state: processStateSchema }),
]);
/** See {@link outputFrameSchema}. */
export type OutputFrame = z.output<typeof outputFrameSchema>;

/** First line of the answer of `POST /v1/processes?follow=1`, before the lines of its output. */
export const startedFrameSchema = z.object({
  type: z.literal('started'),
  state: processStateSchema,
});
/** See {@link startedFrameSchema}. */
export type StartedFrame = z.output<typeof startedFrameSchema>;

/** Body of `POST /v1/processes/{id}/signal`. */
export const signalRequestSchema = z.object({ signal: signalSchema });

/** A service as it is now; `running` without `pid` means that another process serves its port. */
export const serviceStateSchema = z.object({
  name: serviceNameSchema,
  command: z.string(),
  port: portSchema.optional(),
  cwd: z.string().optional(),
  status: z.enum(['starting', 'running', 'backoff', 'stopped']),
  pid: z.int().min(1).optional(),
  restarts: z.int().min(0),
  last_exit_code: z.int().min(0).max(255).optional(),
  port_open: z.boolean().optional(),
  source: z.string().max(32).optional(),
});
/** See {@link serviceStateSchema}. */
export type ServiceState = z.output<typeof serviceStateSchema>;

/** Answer of `GET /v1/services` and `POST /v1/boot`. */
export const serviceListSchema = z
  .array(serviceStateSchema)
  .max(AGENT_LIMITS.services);

/** Where a log's reader is: the run of the log that counts, and how many bytes. */
export const logPositionSchema = z.string().regex(/^[0-9a-f]{16}-\d{1,15}$/);

/** One line of a service's log stream. */
export const logFrameSchema = z.object({
  type: z.literal('log'),
  text: z.string(),
  /** Of the end of the text: what follows it comes `after` it. An agent from before there were any sends none. */
  id: logPositionSchema.optional(),
  /** Whether text before this one is not kept any more. */
  gap: z.boolean().optional(),
  /** How many bytes that text had; left out where nobody knows. */
  lost: z.int().positive().optional(),
});
/** See {@link logFrameSchema}. */
export type LogFrame = z.output<typeof logFrameSchema>;

/** Answer of `GET /v1/connections`: ports of the sandbox that another machine is connected to. */
export const connectionsSchema = z.object({
  ports: z.array(portSchema).max(AGENT_LIMITS.connectedPorts),
});

/** Answer of `GET /v1/ports/{port}`: whether previews reach it. */
export const portAnswerSchema = z.object({ open: z.boolean() });

/**
 * Answer of `GET /v1/ports/{port}/http`: the status of a GET, or nothing when there was no answer. `loopback_only`: it came
 * from a loopback address alone, where previews do not reach.
 */
export const probeAnswerSchema = z.object({
  http_status: z.int().min(100).max(599).optional(),
  loopback_only: z.boolean().optional(),
});
/** See {@link probeAnswerSchema}. */
export type ProbeAnswer = z.output<typeof probeAnswerSchema>;

/** Body of every answer that is not 2xx. */
export const refusalSchema = z.object({
  code: z.string().max(100),
  message: z.string().max(4_000),
});

/** Answer of calls that have nothing to say. */
export const emptySchema = z.object({});
