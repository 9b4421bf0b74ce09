import { join } from 'node:path';
import { DomainError } from '@sandboxed/domain';
import { z } from 'zod';
import { DOCS_PAGE, DOCS_START } from '../docs-page.ts';
import type { Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { openapi } from '../openapi/document.ts';

/** What the page may load: from here alone, and nothing that is written into it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Files of Swagger UI, which lie on disk and not in memory. */
const FILES = ['swagger-ui-bundle.js', 'swagger-ui.css'] as const;

/** The document of all routes, and the page to browse it. `routes` are all there are. */
export function documentRoutes(
  routes: () => readonly Route[],
  version: string,
): readonly Route[] {
  return [
    route({
      method: 'get',
      operationId: 'getDocument',
      tag: 'Operations',
      paths: ['/openapi.json'],
      summary: 'This API as an OpenAPI 3.1 document',
      open: true,
      answer: z.looseObject({ openapi: z.string() }),
      example: { answer: { openapi: '3.1.0' } },
      statuses: [200],
      handle: () => ({ status: 200, body: openapi(routes(), version) }),
    }),
    route({
      method: 'get',
      operationId: 'browseDocument',
      tag: 'Operations',
      paths: ['/docs'],
      summary: 'The same to browse and to try',
      open: true,
      rawAnswer: ['text/html'],
      example: {},
      statuses: [200],
      stream(_call, response) {
        response
          .set('Content-Security-Policy', POLICY)
          .type('text/html; charset=utf-8')
          .send(DOCS_PAGE);
        return Promise.resolve();
      },
    }),
    route({
      method: 'get',
      operationId: 'getDocsFile',
      tag: 'Operations',
      paths: ['/docs/{file}'],
      summary: 'What that page consists of',
      open: true,
      rawAnswer: ['text/javascript', 'text/css'],
      example: {},
      statuses: [200],
      stream({ deps, params }, response) {
        if (params['file'] === 'start.js') {
          response.type('text/javascript; charset=utf-8').send(DOCS_START);
          return Promise.resolve();
        }
        const file = FILES.find((name) => name === params['file']);
        if (file === undefined)
          throw new DomainError('not_found', 'There is no such file.');
        return new Promise((sent, failed) => {
          response.sendFile(join(deps.docsDir, file), (error?: Error) => {
            // Who went away while it was sent has what it wanted.
            if (error === undefined || response.destroyed) sent();
            else failed(error);
          });
        });
      },
    }),
  ];
}
