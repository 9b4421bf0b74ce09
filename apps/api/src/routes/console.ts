import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DomainError } from '@sandboxed/domain';
import { isMissing } from '@sandboxed/runtime';
import type { Response } from 'express';
import type { Route } from '../http/route.ts';
import { route } from '../http/route.ts';

/**
 * What the console may load: from here alone. Its editor and terminal make style elements; frames are previews, which have
 * origins of their own.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  'frame-src http: https:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>sandboxed</title>
<h1>The console is not here</h1>
<p>It was not built with this API: <code>npm run bundle</code> does. The API works without it: <a href="/docs">its pages</a>.</p>
</html>
`;

/** What the build names its files: no dot in front, no way to another directory. `index.html` is `/`, under its policy. */
const FILE = /^(?!index\.html$)[\w-]+(\.[\w-]+)+$/;

const page = route({
  method: 'get',
  operationId: 'openConsole',
  tag: 'Operations',
  paths: ['/'],
  summary: 'The console, for browsers',
  open: true,
  rawAnswer: ['text/html'],
  example: {},
  statuses: [200],
  async stream({ deps }, response) {
    const text = await readIfThere(`${deps.consoleDir}/index.html`);
    response
      .status(text === undefined ? 404 : 200)
      .set({
        'Content-Security-Policy': POLICY,
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Referrer-Policy': 'no-referrer',
        // It names the files of one build: a browser asks whether it is still this one.
        'Cache-Control': 'no-cache',
      })
      .type('text/html; charset=utf-8');
    if (text !== undefined) response.set('ETag', etagOf(text));
    response.send(text ?? NOT_BUILT);
  },
});

const file = route({
  method: 'get',
  operationId: 'getConsoleFile',
  tag: 'Operations',
  paths: ['/console/{file}'],
  summary: 'What the console consists of',
  open: true,
  rawAnswer: ['text/javascript', 'text/css'],
  example: {},
  statuses: [200],
  async stream({ deps, params }, response) {
    const { file: name = '' } = params;
    if (!FILE.test(name)) throw noSuchFile();
    await sendFrom(deps.consoleDir, name, response);
  },
});

/** Sends a file of the build from disk. Its name changes with what is in it, so who has it need not ask again. */
function sendFrom(
  root: string,
  name: string,
  response: Response,
): Promise<void> {
  return new Promise((sent, failed) => {
    const options = { root, immutable: true, maxAge: '1y' } as const;
    response.sendFile(name, options, (error?: Error) => {
      // Who went away while it was sent has what it wanted.
      if (error === undefined || response.destroyed) sent();
      else if ('status' in error && error.status === 404) failed(noSuchFile());
      else failed(error);
    });
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** By what is in it: an earlier version that comes back is older than what a browser has. */
function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}

function noSuchFile(): DomainError {
  return new DomainError('not_found', 'There is no such file.');
}

export const CONSOLE_ROUTES: readonly Route[] = [page, file];
