import type { ServerResponse } from 'node:http';
import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import type { RequestHandler, Response } from 'express';
import type { Series } from '../exposition.ts';
import type { Route } from './route.ts';

/** Nginx's number for a client that went away before it was answered. */
const GONE = 499;

/** How long calls took, held ones and streams to their end, in this process alone; it begins anew with it. */
export interface RequestFigures {
  /** Among the first handlers of a route: its calls are counted under its first path. */
  begin(route: Route): RequestHandler;
  /** The first path of the route that a call met, or `none`. */
  routeOf(response: ServerResponse): string;
  /** A call ended. One that met no route is counted under `none`. */
  observe(method: string, response: Response, seconds: number): void;
  /** Of each method, route and status that there was. */
  all(): readonly Series[];
}

export function createRequestFigures(): RequestFigures {
  const routes = new WeakMap<ServerResponse, string>();
  const routeOf = (response: ServerResponse): string =>
    routes.get(response) ?? 'none';
  const series = new Map<string, Series>();
  return {
    routeOf,
    begin:
      ({ paths: [path = ''] }) =>
      (_request, response, next) => {
        routes.set(response, path);
        next();
      },
    observe(method, response, seconds) {
      const route = routeOf(response);
      const isAnswered = response.headersSent || response.statusCode === 101;
      const status = String(isAnswered ? response.statusCode : GONE);
      const key = `${method} ${route} ${status}`;
      const labels = { method, route, status };
      const known = series.get(key)?.histogram ?? NO_DURATIONS;
      series.set(key, { labels, histogram: withDuration(known, seconds) });
    },
    all: () => [...series.values()],
  };
}
