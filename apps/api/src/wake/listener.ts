import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ErrorCode, SandboxId } from '@sandboxed/domain';
import {
  DomainError,
  GATE_HEADER,
  RETRYABLE,
  toFailure,
  WAKE_HEADER,
} from '@sandboxed/domain';
import { storeFailure } from '@sandboxed/store';
import { STATUS } from '../http/problem.ts';
import type { ApiDeps } from '../http/route.ts';
import type { Visit } from '../previews/admit.ts';
import { admit, framing } from '../previews/admit.ts';
import {
  answerGuard,
  enter,
  isGuardQuestion,
  visitAskedAbout,
} from '../previews/guard.ts';
import { becomeReady } from './become-ready.ts';
import type { Edge } from './forward.ts';
import { forward, forwardUpgrade, RETRY_HEADER } from './forward.ts';
import { failurePage, POLL_HEADER, waitingPage } from './pages.ts';
import type { Target } from './target.ts';
import { ensureStarting, startUnderWay, targetOf } from './target.ts';

/** Requests held at once; more are told to come again. */
const MAX_HELD = 512;
/** Of these, requests of one sandbox: its own visitors cannot keep all others from waking. */
const MAX_HELD_EACH = 64;
/** As the api's own. What a visitor may send of headers, and Traefik asks about. Bytes. */
const MAX_HEADER_BYTES = 32_768;
/** A browser that would wait longer gets a page instead. */
const BROWSER_MS = 2_000;

/** Titles of the pages; any other code is shown as it is. */
const TITLES: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Private preview',
  forbidden_origin: 'Private preview',
  not_found: 'Nothing here',
  sandbox_not_found: 'No such sandbox',
  sandbox_not_running: 'Asleep',
  cancelled: 'Asleep',
  no_capacity: 'No room right now',
  quota_exceeded: 'No room right now',
  timed_out: 'The app does not answer',
  start_failed: 'It did not start',
};

/**
 * The listener that the edge's catch-all leads to: it wakes, waits and forwards, and serves nothing else whatever the Host.
 * The caller listens on it and closes it.
 */
export function createWakeListener(deps: ApiDeps, edge: Edge): Server {
  let held = 0;
  const heldOf = new Map<SandboxId, number>();

  async function wake<T>(
    request: IncomingMessage,
    { sandbox: { id } }: Target,
    closed: (listener: () => void) => void,
    work: (gone: AbortSignal, waiting: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const own = heldOf.get(id) ?? 0;
    if (held >= MAX_HELD || own >= MAX_HELD_EACH)
      throw new DomainError(
        'no_capacity',
        'Too many requests wait for sandboxes to wake.',
        {
          retryAfterSeconds: 2,
        },
      );
    const gone = new AbortController();
    closed(() => {
      gone.abort();
    });
    held += 1;
    heldOf.set(id, own + 1);
    try {
      return await work(
        gone.signal,
        AbortSignal.any([gone.signal, deps.hub.closing]),
      );
    } finally {
      held -= 1;
      const rest = (heldOf.get(id) ?? 1) - 1;
      if (rest > 0) heldOf.set(id, rest);
      else heldOf.delete(id);
      deps.logger.debug({ host: request.headers.host }, 'wake request ended');
    }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const target = targetOf(deps, request.headers.host ?? '');
    const visit = visitOf(request);
    const admission = admit(deps, target, visit);
    if (admission.kind === 'enter') {
      enter(deps, admission, response);
      return;
    }
    if (!mayWake(request)) {
      comeAgain(response);
      return;
    }
    await wake(
      request,
      target,
      (listener) => response.on('close', listener),
      async (gone, waiting) => {
        if (!isNavigation(visit)) {
          const begin = isPoll(request) ? startUnderWay : ensureStarting;
          await becomeReady(deps, target, waiting, begin);
          await forward(edge, request, response, gone);
          return;
        }
        ensureStarting(deps, target);
        const patience = AbortSignal.any([
          waiting,
          AbortSignal.timeout(BROWSER_MS),
        ]);
        const ready = await Promise.race([
          becomeReady(deps, target, patience).then(() => true),
          pause(BROWSER_MS + 50, false),
        ]).catch((error: unknown) => {
          if (patience.aborted) return false;
          throw error;
        });
        if (ready) await forward(edge, request, response, gone);
        else
          response
            .writeHead(503, {
              'Retry-After': '2',
              'Cache-Control': 'no-store',
              'Content-Type': 'text/html; charset=utf-8',
              ...framing(deps),
            })
            .end(waitingPage());
      },
    );
  }

  async function serveUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const target = targetOf(deps, request.headers.host ?? '');
    if (admit(deps, target, visitOf(request)).kind === 'enter')
      throw new DomainError(
        'invalid_request',
        'Open the link in a browser first; a web socket needs its session.',
      );
    await wake(
      request,
      target,
      (listener) => socket.on('close', listener),
      async (gone, waiting) => {
        await becomeReady(deps, target, waiting);
        await forwardUpgrade(edge, request, socket, head, gone);
        // It would be cut in any case; at once, its client is the sooner with the next process.
        const cut = (): void => void socket.destroy();
        deps.hub.closing.addEventListener('abort', cut);
        socket.on('close', () => {
          deps.hub.closing.removeEventListener('abort', cut);
        });
      },
    );
  }

  function isLoop(request: IncomingMessage): boolean {
    const mark = Buffer.from(String(request.headers[WAKE_HEADER] ?? ''));
    const secret = Buffer.from(edge.secret);
    return mark.length === secret.length && timingSafeEqual(mark, secret);
  }

  function fail(
    visit: Pick<Visit, 'method' | 'headers'>,
    response: ServerResponse,
    thrown: unknown,
  ): void {
    const error = storeFailure(thrown);
    const isRefusal = toFailure(error).code === 'unauthenticated';
    deps.logger[isRefusal ? 'debug' : 'warn'](
      { err: error, host: visit.headers.host },
      'wake failed',
    );
    if (response.headersSent) response.destroy();
    else refuse(visit, response, error, framing(deps));
  }

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isLoop(request)) {
      request.resume();
      response
        .writeHead(503, { [RETRY_HEADER]: edge.secret, 'Content-Length': '0' })
        .end();
      return;
    }
    if (isGuardQuestion(request)) {
      request.resume();
      const visit = visitAskedAbout(request);
      try {
        answerGuard(deps, visit, response);
      } catch (thrown) {
        fail(visit, response, thrown);
      }
      return;
    }
    if (request.headers[GATE_HEADER] !== undefined) {
      request.resume();
      response
        .writeHead(503, { [GATE_HEADER]: 'shut', 'Content-Length': '0' })
        .end();
      return;
    }
    serve(request, response).catch((thrown: unknown) => {
      if (response.destroyed) return;
      if (deps.hub.closing.aborted && !response.headersSent) {
        comeAgain(response);
        return;
      }
      fail(visitOf(request), response, thrown);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    if (isLoop(request)) {
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\n${RETRY_HEADER}: ${edge.secret}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    socket.on('error', () => socket.destroy());
    serveUpgrade(request, socket, head).catch((thrown: unknown) => {
      const error = storeFailure(thrown);
      deps.logger.warn(
        { err: error, host: request.headers.host },
        'wake failed',
      );
      const { status, headers } = refusal(error);
      const lines = Object.entries(headers).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    });
  });
  return server;
}

/** No failure of the app's: the waiting page asks again, and so does a client that reads the header. */
function comeAgain(response: ServerResponse): void {
  response.writeHead(503, { 'Retry-After': '2', 'Content-Length': '0' }).end();
}

/** Icons and prefetches are no sign that anybody wants the app. */
function mayWake({ url, headers }: IncomingMessage): boolean {
  const purpose = `${String(headers['sec-purpose'] ?? '')} ${String(headers['purpose'] ?? '')}`;
  return (
    !/prefetch|prerender|preview/.test(purpose) &&
    !/^\/(favicon\.ico|apple-touch-icon[^/]*\.png)(\?|$)/.test(url ?? '')
  );
}

function visitOf({ method = '', url = '/', headers }: IncomingMessage): Visit {
  return { method, path: url, headers };
}

/** A person who looks at a page, not a program. */
function isNavigation({
  method,
  headers,
}: Pick<Visit, 'method' | 'headers'>): boolean {
  const mode = headers['sec-fetch-mode'];
  return (
    (method === 'GET' || method === 'HEAD') &&
    (headers.accept ?? '').includes('text/html') &&
    (mode === undefined || mode === 'navigate')
  );
}

function isPoll({ headers }: IncomingMessage): boolean {
  return headers[POLL_HEADER.toLowerCase()] !== undefined;
}

/** Status and headers of an answer that tells a failure. */
function refusal(error: unknown): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { code } = toFailure(error);
  const retryAfter =
    error instanceof DomainError ? error.retryAfterSeconds : undefined;
  return {
    // A sleeping sandbox, or one whose owner took its start back or may run no more, is not the caller's conflict: the address exists
    // and is unavailable.
    status:
      code === 'sandbox_not_running' ||
      code === 'cancelled' ||
      code === 'quota_exceeded'
        ? 503
        : STATUS[code],
    headers: {
      'Cache-Control': 'no-store',
      'X-Sandboxed-Error': code,
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
  };
}

function refuse(
  visit: Pick<Visit, 'method' | 'headers'>,
  response: ServerResponse,
  error: unknown,
  further: Readonly<Record<string, string>>,
): void {
  const { code, message } = toFailure(error);
  const { status, headers } = refusal(error);
  const html = isNavigation(visit);
  const body = html
    ? failurePage(TITLES[code] ?? code, message)
    : JSON.stringify({
        type: `urn:sandboxed:problem:${code}`,
        title: TITLES[code] ?? code,
        status,
        detail: message,
        code,
        retryable: RETRYABLE[code],
      });
  response
    .writeHead(status, {
      'Content-Type': html
        ? 'text/html; charset=utf-8'
        : 'application/problem+json',
      ...headers,
      ...further,
    })
    .end(body);
}
