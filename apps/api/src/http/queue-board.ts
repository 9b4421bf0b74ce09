import { DomainError, toFailure } from '@sandboxed/domain';
import type { Express, RequestHandler } from 'express';
import type { Admission } from './admission.ts';
import type { ApiDeps } from './route.ts';
import { route } from './route.ts';
import type { Trail } from './trail.ts';

/** Where the board is; its links begin so. */
export const BOARD_PATH = '/admin/queues';

/** What a caller must be allowed. Not a row of the route table: it is pages and their files, for people. */
const BOARD = route({
  method: 'get',
  operationId: 'browseQueues',
  tag: 'Operations',
  paths: [BOARD_PATH],
  summary: 'Pages about the queues',
  scope: 'admin',
  password: true,
  example: {},
  statuses: [200],
});

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
} as const;

/** Serves pages about the queues to admins. A browser asks for a token as the password of any user, since it has no bearer. */
export function mountBoard(
  app: Express,
  deps: ApiDeps,
  admit: Admission,
  trail: Trail,
): void {
  const first = admit.first(BOARD);
  const enter: RequestHandler = (request, response, next) => {
    response.set(HEADERS);
    try {
      first(request, response, next);
    } catch (error) {
      if (toFailure(error).code === 'unauthenticated')
        response.set(
          'WWW-Authenticate',
          'Basic realm="sandboxed", charset="UTF-8"',
        );
      throw error;
    }
  };
  app.use(
    BOARD_PATH,
    deps.requestFigures.begin(BOARD),
    trail.begin(BOARD),
    enter,
    async (request, response, next) => {
      // Whatever the board itself would let through: who is signed in to a page is not to be made to act by another.
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.set('Allow', 'GET, HEAD');
        throw new DomainError(
          'method_not_allowed',
          'The board only shows: GET is what is possible here.',
        );
      }
      const board = await deps.board();
      board.handle(request, response, next);
    },
  );
}
