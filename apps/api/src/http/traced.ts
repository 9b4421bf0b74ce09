import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from 'node:http';
import type { Tracing } from '@sandboxed/runtime';
import type { RequestFigures } from './request-figures.ts';

/** Asked for every few seconds by those who watch. */
const WATCHERS = /^\/(healthz|readyz|metrics)(\?|$)/;

/** The same listener, each of whose requests is a span, of the caller's trace where it names one (`traceparent`). */
export function traced(
  listener: RequestListener,
  tracing: Tracing,
  figures: Pick<RequestFigures, 'routeOf'>,
): RequestListener {
  return (request, response) => {
    if (WATCHERS.test(request.url ?? '')) {
      listener(request, response);
      return;
    }
    void serveInSpan(request, response);
  };

  function serveInSpan(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const method = request.method ?? '';
    const given = request.headers['traceparent'];
    const parent = typeof given === 'string' ? given : undefined;
    return tracing.span(method, { kind: 'server', parent }, (span) => {
      const closed = new Promise<void>((resolve) => {
        response.once('close', () => {
          const route = figures.routeOf(response);
          span.rename(`${method} ${route}`);
          span.set({
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': response.statusCode,
          });
          resolve();
        });
      });
      listener(request, response);
      return closed;
    });
  }
}
