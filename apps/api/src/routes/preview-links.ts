import {
  DomainError,
  PASS_PARAMETER,
  portSchema,
  PREVIEW_LINK_SECONDS,
  previewUrl,
} from '@sandboxed/domain';
import { z } from 'zod';
import { commit } from '../http/commit.ts';
import { living, sandboxIdOf } from '../http/params.ts';
import type { Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { SANDBOX_EXAMPLE } from '../examples.ts';

const { min, usual, max } = PREVIEW_LINK_SECONDS;

/** Not stored under an Idempotency-Key: a link is a secret, and a second one does no harm. */
const make = route({
  method: 'post',
  operationId: 'createPreviewLink',
  tag: 'Previews',
  paths: both('/preview-links'),
  summary:
    'Make a link that opens a private preview in a browser; `expires_in` is in seconds, the first port is the usual one',
  body: z.strictObject({
    port: portSchema
      .optional()
      .describe('A port of the sandbox; its first unless given.'),
    expires_in: z
      .int()
      .min(min)
      .max(max)
      .default(usual)
      .describe('Seconds that the link opens for.'),
  }),
  answer: z.object({
    url: z.string(),
    port: z.int(),
    expires_at: z.string(),
  }),
  example: {
    body: { port: 3000, expires_in: 3600 },
    answer: {
      url: `${SANDBOX_EXAMPLE.preview_urls['3000']}/?${PASS_PARAMETER}=…`,
      port: 3000,
      expires_at: '2026-11-28T10:30:00.000Z',
    },
  },
  answersSecret: true,
  statuses: [201],
  handle(call) {
    const { deps, body } = call;
    const sandbox = living(call, sandboxIdOf(call));
    const port = body.port ?? sandbox.ports[0];
    if (port === undefined || !sandbox.ports.includes(port))
      throw invalid(
        '/port',
        `must be one of the sandbox's ports (${sandbox.ports.join(', ')})`,
        'This sandbox does not publish that port.',
      );
    if (sandbox.visibility === 'public')
      throw invalid(
        '/visibility',
        'must be private before there are links',
        'This sandbox is public: its preview_urls are open to everybody. Make it private first: PATCH {"visibility": "private"}.',
      );
    const { id, preview_generation: generation } = sandbox;
    const until = Math.floor(deps.now() / 1_000) + body.expires_in;
    const pass = deps.passes.sign('link', { id, port, generation }, until);
    return {
      status: 201,
      body: {
        url: `${previewUrl(id, port, deps.origin)}/?${PASS_PARAMETER}=${pass}`,
        port,
        expires_at: new Date(until * 1_000).toISOString(),
      },
      headers: { 'Cache-Control': 'no-store' },
    };
  },
});

const revoke = route({
  method: 'delete',
  operationId: 'revokePreviewLinks',
  tag: 'Previews',
  paths: both('/preview-links'),
  summary:
    "Revoke every link to a sandbox's private previews, and every session that came of one, at once",
  answer: z.object({ id: z.string(), revoked_at: z.string() }),
  example: {
    answer: { id: SANDBOX_EXAMPLE.id, revoked_at: '2026-11-28T09:30:00.000Z' },
  },
  statuses: [200],
  handle(call) {
    const { deps } = call;
    return commit(call, () => {
      const { id } = living(call, sandboxIdOf(call));
      const now = deps.now();
      deps.store.sandboxes.revokePreviews(id, now);
      return {
        status: 200,
        body: { id, revoked_at: new Date(now).toISOString() },
      };
    });
  },
});

function invalid(path: string, message: string, detail: string): DomainError {
  return new DomainError('invalid_request', detail, {
    fields: [{ path, message }],
  });
}

export const PREVIEW_LINK_ROUTES: readonly Route[] = [make, revoke];
