import type { ErrorRequestHandler, Express, Request, Response } from 'express';
import express from 'express';
import { DomainError } from '@sandboxed/domain';
import { storeFailure } from '@sandboxed/store';
import type { Caller } from './http/access.ts';
import { createAdmission } from './http/admission.ts';
import { parse, parseJson } from './http/body.ts';
import { finishedReply } from './http/finished.ts';
import { holdOpen, isMetered } from './http/quota.ts';
import { sendProblem } from './http/problem.ts';
import { mountBoard } from './http/queue-board.ts';
import { drain, readWhole } from './http/receive.ts';
import type { ApiDeps, Call, Reply, Route } from './http/route.ts';
import { createTrail } from './http/trail.ts';
import { waitSeconds } from './http/wait.ts';
import { AUDIT_ROUTES } from './routes/audit.ts';
import { CONSOLE_ROUTES } from './routes/console.ts';
import { documentRoutes } from './routes/docs.ts';
import { EXEC_ROUTES } from './routes/exec.ts';
import { FILE_ROUTES } from './routes/files.ts';
import { FEED_ROUTES } from './routes/feed.ts';
import { JOB_ROUTES } from './routes/jobs.ts';
import { KEY_ROUTES } from './routes/keys.ts';
import { OPERATION_ROUTES } from './routes/operations.ts';
import { QUOTA_ROUTES } from './routes/quotas.ts';
import { PREVIEW_LINK_ROUTES } from './routes/preview-links.ts';
import { REMOVAL_ROUTES } from './routes/removal.ts';
import { SANDBOX_ROUTES } from './routes/sandboxes.ts';
import { SERVICE_ROUTES } from './routes/services.ts';
import { TASK_ROUTES } from './routes/tasks.ts';
import { TERMINAL_ROUTES } from './routes/terminal.ts';
import { TRANSFER_ROUTES } from './routes/transfer.ts';
import { DELIVERY_ROUTES } from './routes/webhook-deliveries.ts';
import { WEBHOOK_ROUTES } from './routes/webhooks.ts';

/** Every route there is: the one source of routing and of the OpenAPI document. */
export function allRoutes(version: string): readonly Route[] {
  const routes: readonly Route[] = [
    ...SANDBOX_ROUTES,
    ...REMOVAL_ROUTES,
    ...PREVIEW_LINK_ROUTES,
    ...EXEC_ROUTES,
    ...FEED_ROUTES,
    ...JOB_ROUTES,
    ...SERVICE_ROUTES,
    ...TASK_ROUTES,
    ...TERMINAL_ROUTES,
    ...FILE_ROUTES,
    ...TRANSFER_ROUTES,
    ...KEY_ROUTES,
    ...WEBHOOK_ROUTES,
    ...DELIVERY_ROUTES,
    ...QUOTA_ROUTES,
    ...AUDIT_ROUTES,
    ...OPERATION_ROUTES,
    ...CONSOLE_ROUTES,
    ...documentRoutes(() => routes, version),
  ];
  return routes;
}

/** The API without a listener. */
export function createApp(deps: ApiDeps): Express {
  const trail = createTrail(deps);
  const admit = createAdmission(deps, trail);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.use((request, response, next) => {
    const startedAt = performance.now();
    const requestId = deps.newId();
    response.locals['requestId'] = requestId;
    response.locals['receivedAt'] = startedAt;
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.on('close', () => {
      const durationMs = performance.now() - startedAt;
      deps.requestFigures.observe(request.method, response, durationMs / 1_000);
      deps.logger.info(
        {
          requestId,
          method: request.method,
          path: request.path,
          status: response.statusCode,
          durationMs: Math.round(durationMs),
        },
        'request',
      );
    });
    next();
  });
  app.use(drain);

  mountBoard(app, deps, admit, trail);

  const methods = new Map<string, string[]>();
  for (const entry of allRoutes(deps.version))
    for (const path of entry.paths) {
      const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
      methods.set(pattern, [
        ...(methods.get(pattern) ?? []),
        entry.method.toUpperCase(),
      ]);
      app[entry.method](
        pattern,
        deps.requestFigures.begin(entry),
        trail.begin(entry),
        admit.first(entry),
        ...(entry.rawBody === undefined ? readWhole : []),
        async (request: Request, response: Response) => {
          const caller = admit.callerOf(request);
          const onKeyEnd = (end: () => void): void => {
            admit.onKeyEnd(request, end);
          };
          const record = trail.of(response);
          if (record === undefined) throw new Error('nothing is recorded');
          await answer(deps, entry, request, response, {
            ...caller,
            record,
            onKeyEnd,
          });
        },
      );
    }
  for (const [pattern, allowed] of methods)
    app.all(pattern, (request, response) => {
      response.setHeader('Allow', allowed.join(', '));
      throw new DomainError(
        'method_not_allowed',
        `${request.method} is not possible here; ${allowed.join(' or ')} is.`,
      );
    });
  app.use(() => {
    throw new DomainError(
      'not_found',
      'There is no such path. GET /docs lists what there is.',
    );
  });

  const onError: ErrorRequestHandler = (
    error: unknown,
    request,
    response,
    _next,
  ) => {
    const requestId = String(response.locals['requestId']);
    const known = fromExpress(storeFailure(error));
    trail.of(response)?.refused(known);
    if (response.headersSent) {
      deps.logger.error({ err: error, requestId }, 'answer broken off');
      response.destroy();
      return;
    }
    if (sendProblem(response, known, requestId))
      deps.logger.error(
        { err: error, requestId, path: request.path },
        'request failed',
      );
  };
  app.use(onError);
  return app;
}

async function answer(
  deps: ApiDeps,
  entry: Route,
  request: Request,
  response: Response,
  made: Caller & Pick<Call, 'record' | 'onKeyEnd'>,
): Promise<void> {
  const { record, tenant } = made;
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const { wait, ...query } = request.query;
  // Before the work: a call with a bad ?wait=, or one too many to be held, must not have done anything.
  const seconds = entry.stream === undefined ? waitSeconds(request) : 0;
  const call: Call = {
    deps,
    path: entry.paths[0] ?? '',
    params: Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [
        name,
        String(value),
      ]),
    ),
    body:
      entry.body === undefined
        ? {}
        : parse(entry.body, parseJson(request.body)),
    query:
      entry.query === undefined ? query : parse(entry.query, query, 'query'),
    ...made,
    requestId: String(response.locals['requestId']),
    receivedAt: Number(response.locals['receivedAt']),
    holdSeconds: seconds,
    request,
    gone: gone.signal,
  };
  const staysOpen =
    (seconds ?? 0) > 0 ||
    entry.stream !== undefined ||
    entry.rawBody !== undefined;
  if (staysOpen && isMetered(entry)) holdOpen(deps, tenant, response);
  if (entry.stream !== undefined) {
    await entry.stream(call, response);
    record.done(call);
    return;
  }
  const first = await entry.handle(call);
  record.done(call, first);
  const reply = await held(call, first, seconds);
  response
    .status(reply.status)
    .set({ ...reply.headers })
    .json(reply.body);
}

/** Holds a reply that names a job until the job ends or `seconds` are over. */
async function held(
  call: Call,
  reply: Reply,
  seconds: number | undefined,
): Promise<Reply> {
  if (reply.jobId === undefined || seconds === undefined) return reply;
  // The answer to an Idempotency-Key may be kept for longer than its job.
  if (call.deps.store.jobs.status(reply.jobId) === undefined) return reply;
  const job = await call.deps.hub.waitFor(reply.jobId, seconds, call.gone);
  const finished = finishedReply(call.deps, job);
  if (finished === undefined) return reply;
  return { ...finished, headers: { ...reply.headers, ...finished.headers } };
}

/** Errors that Express and its body parser make, in our words. */
function fromExpress(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const status = 'status' in error ? error.status : undefined;
  if (status === 413)
    return new DomainError('body_too_large', 'The body is larger than 1 MiB.', {
      cause: error,
    });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new DomainError(
      'invalid_request',
      `The request could not be read: ${error.message}`,
      {
        cause: error,
      },
    );
  return error;
}
