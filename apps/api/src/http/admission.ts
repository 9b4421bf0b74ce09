import type { Request, RequestHandler } from 'express';
import { keyStatus } from '@sandboxed/domain';
import type { Caller } from './access.ts';
import { ANYBODY, assertScope, createAccess } from './access.ts';
import { createKeyWatch } from './key-watch.ts';
import { isMetered, meterCall } from './quota.ts';
import type { ApiDeps, Route } from './route.ts';
import { scopeOf } from './route.ts';
import type { Trail } from './trail.ts';

/** Lets calls in, or not. */
export interface Admission {
  /** Comes before the body is read: who may not call is to cost no memory. */
  first(entry: Route): RequestHandler;
  /** Who makes a call that was let in. */
  callerOf(request: Request): Caller;
  /** Once the caller's key is over, `end` ends the call, in place of a cut. */
  onKeyEnd(request: Request, end: () => void): void;
}

/** Asks who calls and whether it may; cuts a call when its key is revoked or runs out meanwhile, as if the client had gone. */
export function createAdmission(deps: ApiDeps, trail: Trail): Admission {
  const access = createAccess(deps);
  const callers = new WeakMap<Request, Caller>();
  const ends = new WeakMap<Request, () => void>();
  const watch = createKeyWatch((id) => {
    const key = deps.store.apiKeys.get(id);
    return key !== undefined && keyStatus(key, deps.now()) === 'active';
  });
  function callerFor(entry: Route, request: Request): Caller {
    return access(request, {
      password: entry.password === true,
      ...(entry.takesTickets === true && {
        sandbox: String(request.params['id']),
      }),
    });
  }

  return {
    first: (entry) => (request, response, next) => {
      const caller = entry.open === true ? ANYBODY : callerFor(entry, request);
      trail.of(response)?.by(caller);
      if (isMetered(entry)) meterCall(deps, caller.tenant, response);
      if (entry.open !== true) assertScope(caller, scopeOf(entry));
      callers.set(request, caller);
      if (caller.key !== undefined)
        response.once(
          'close',
          watch.hold(caller.key, () => {
            const end = ends.get(request);
            if (end === undefined) response.destroy();
            else end();
          }),
        );
      next();
    },
    callerOf(request) {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('nobody let this call in');
      return caller;
    },
    onKeyEnd(request, end) {
      ends.set(request, end);
    },
  };
}
