import type { IncomingMessage } from 'node:http';
import type { SandboxId } from '@sandboxed/domain';
import { z } from 'zod';
import type { Api, World } from './support.ts';
import { listen, running } from './support.ts';
import { ask, hostOf } from './wake-support.ts';

/** Where nobody listens: an edge that is down has nothing to confirm. */
export const NO_EDGE = { SANDBOXED_EDGE_URL: 'http://127.0.0.1:9' };

/** A sandbox with a private preview that sleeps. */
export async function privateSleeper(
  deps: World,
  body: object = {},
): Promise<{ readonly id: SandboxId; readonly api: Api }> {
  const api = await listen(deps);
  const id = await running(deps, api, { visibility: 'private', ...body });
  const by = { actor: 'test', reason: 'test', now: 1 };
  deps.store.sandboxes.transition(id, 'stop', by);
  deps.store.sandboxes.transition(id, 'exited', by);
  return { id, api };
}

/** A fresh link, as path and query. */
export async function linkTo(
  api: Api,
  id: SandboxId,
  body: object = {},
): Promise<string> {
  const made = await api(`POST /v1/sandboxes/${id}/preview-links`, body);
  const url = new URL(z.string().parse(made.body['url']));
  return url.pathname + url.search;
}

/** The session of an answer, as a browser sends it back; empty without. */
export function sessionOf(answer: IncomingMessage): string {
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** A session of a fresh link. */
export async function sessionFor(
  wake: number,
  api: Api,
  id: SandboxId,
  body: { readonly port?: number; readonly expires_in?: number } = {},
): Promise<string> {
  const path = await linkTo(api, id, body);
  const answer = await ask(wake, hostOf(id, body.port), {}, path);
  answer.resume();
  return sessionOf(answer);
}

/** What Traefik asks of the guard when a visitor asks for a page of a sandbox's port. */
export function guardAsks(
  wake: number,
  host: string,
  headers: Readonly<Record<string, string>> = {},
  path = '/',
  method = 'GET',
): Promise<IncomingMessage> {
  return ask(
    wake,
    `127.0.0.1:${wake}`,
    {
      ...headers,
      'x-forwarded-host': host,
      'x-forwarded-uri': path,
      'x-forwarded-method': method,
    },
    '/guard',
  );
}
