import type {
  CrashPoint,
  JobId,
  PreviewOrigin,
  Scope,
} from '@sandboxed/domain';
import type { Turns } from '@sandboxed/files';
import type { Board, Bus, Producer } from '@sandboxed/queue';
import type { Tracing } from '@sandboxed/runtime';
import type { Store } from '@sandboxed/store';
import type { AgentClient } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { ApiConfig } from '../config.ts';
import type { DirectRuns } from '../direct/direct-runs.ts';
import type { Hub } from '../hub.ts';
import type { Tag } from '../openapi/tags.ts';
import type { Passes } from '../previews/passes.ts';
import type { OpenTerminals } from '../terminal/open-terminals.ts';
import type { Tickets } from '../terminal/tickets.ts';
import type { Caller } from './access.ts';
import type { Meter } from './meter.ts';
import type { RequestFigures } from './request-figures.ts';
import type { WakeFigures } from '../wake/wake-figures.ts';
import type { CallRecord } from './trail.ts';

/** What handlers work with; made once in `main.ts`. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly store: Store;
  readonly producer: Producer;
  readonly bus: Bus;
  readonly hub: Hub;
  readonly direct: DirectRuns;
  readonly meter: Meter;
  readonly tracing: Tracing;
  readonly requestFigures: RequestFigures;
  readonly wakeFigures: WakeFigures;
  /** Opened by the first call, which rejects when that fails. */
  readonly board: () => Promise<Board>;
  readonly origin: PreviewOrigin;
  readonly passes: Passes;
  readonly tickets: Tickets;
  readonly terminals: OpenTerminals;
  /** Of all that places files in workspaces. */
  readonly turns: Turns;
  /** A client of a sandbox's agent. It is kept from call to call: nobody closes it. */
  readonly agent: (id: SandboxId) => AgentClient;
  readonly now: () => number;
  readonly newId: () => string;
  readonly logger: Logger;
  readonly version: string;
  /** Where the files of `GET /docs` are. */
  readonly docsDir: string;
  /** Where the built console is; need not be there. */
  readonly consoleDir: string;
  readonly reach: (point: CrashPoint) => void;
}

/** One call, parsed as its route says, and who makes it. */
export interface Call<B = unknown, Q = unknown> extends Caller {
  readonly deps: ApiDeps;
  /** The first path of its route, with parameters in braces: the same however the call was addressed. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: B;
  readonly query: Q;
  readonly requestId: string;
  /** How long its answer may be held until its job ends; undefined for not at all. */
  readonly holdSeconds: number | undefined;
  /** When its first bytes were there, by `performance.now()`. */
  readonly receivedAt: number;
  /** What the audit log gets to know of it. */
  readonly record: CallRecord;
  readonly request: Request;
  /** Aborted when the client goes away. */
  readonly gone: AbortSignal;
  /** Once the key that it is made with is over, `end` ends it; otherwise its connection is cut. */
  readonly onKeyEnd: (end: () => void) => void;
}

/** An answer. With `jobId` the call may be held until that job ends (`Prefer: wait`). */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly jobId?: JobId;
}

/** The media type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream';

/** What is sent, and what comes back; left out where there is none, or where it is bytes. */
interface Example {
  readonly body?: object;
  readonly answer?: unknown;
}

/** A row of the route table: the one source of routing, parsing and the OpenAPI document. */
export interface Route<
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** All mean the same; parameters in braces. */
  readonly paths: readonly string[];
  /** Its name in the document, and in clients that are generated from it. */
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  /** What the summary leaves open, in Markdown. */
  readonly description?: string;
  /** A call as somebody would make it. A test holds it against the schemas. */
  readonly example: Example;
  readonly body?: B;
  readonly query?: Q;
  /** Media type of a body that stays in the request as a stream: neither read nor bounded before the handler. */
  readonly rawBody?: string;
  /** Media types of an answer that is not JSON, for the document. */
  readonly rawAnswer?: readonly string[];
  /** Schema of the answer, for the document. */
  readonly answer?: z.ZodType;
  /** Answers of success, for the document. */
  readonly statuses: readonly number[];
  /** Takes `?wait=` though it makes no job. */
  readonly waits?: boolean;
  /** The answer is a secret, which is never stored: there is no Idempotency-Key. */
  readonly answersSecret?: boolean;
  /** The answer tells the `ETag` of the file; a PUT takes `If-Match` and `If-None-Match: *`. */
  readonly tagged?: boolean;
  /** Reachable without a token. */
  readonly open?: boolean;
  /** Whether a browser may send the token as a password. Of what changes nothing alone: browsers send it again by themselves. */
  readonly password?: boolean;
  /** Lets in who brings a ticket of the sandbox in its path, too. */
  readonly takesTickets?: boolean;
  /** What the caller must be allowed; `read` for GET and `write` for the others unless given. */
  readonly scope?: Scope;
  /** Whether calls are written down in the audit log; those that are no GET unless given. Refused tokens always are. */
  readonly audited?: boolean;
  readonly handle: (
    call: Call<z.output<B>, z.output<Q>>,
  ) => Reply | Promise<Reply>;
  /** Writes the answer by itself instead (streams, text). */
  readonly stream?: (
    call: Call<z.output<B>, z.output<Q>>,
    response: Response,
  ) => Promise<void>;
}

/** Keeps the types of body and query together while a route is written down. */
export function route<B extends z.ZodType, Q extends z.ZodType>(
  definition: Omit<Route<B, Q>, 'handle'> &
    Partial<Pick<Route<B, Q>, 'handle'>>,
): Route {
  const nothing = (): Reply => ({ status: 500, body: {} });
  const { handle = nothing, stream, ...rest } = definition;
  return {
    ...rest,
    // The app parses body and query by this very route's schemas before it calls these.
    handle: (call) => handle(call as Call<z.output<B>, z.output<Q>>),
    ...(stream !== undefined && {
      stream: (call: Call, response: Response) =>
        stream(call as Call<z.output<B>, z.output<Q>>, response),
    }),
  };
}

/** The scope that a caller of a route needs. */
export function scopeOf({
  scope,
  method,
}: Pick<Route, 'scope' | 'method'>): Scope {
  return scope ?? (method === 'get' ? 'read' : 'write');
}

/** The paths of a sandbox's sub-resource in both families. */
export function both(rest = ''): readonly string[] {
  return [`/v1/sandboxes/{id}${rest}`, `/sandbox/{id}${rest}`];
}
