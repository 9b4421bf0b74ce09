import type { Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError } from '@sandboxed/domain';
import { problem } from './problem.ts';

/** How long who sent it may take to read the answer. Milliseconds. */
const LINGER_MS = 2_000;

/** Answers requests that Node's parser refuses, which reach no route, by a problem document. Node itself would send no body. */
export function answerUnparsed(server: Server, newId: () => string): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refusal = refusalOf(error.code);
    if (refusal === undefined || !socket.writable || hasAnswered(socket)) {
      socket.destroy();
      return;
    }
    const { body, status } = problem(refusal, newId());
    const text = JSON.stringify(body);
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(text)}`,
        'Connection: close',
        '',
        text,
      ].join('\r\n'),
    );
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

/** Undefined is a connection that is gone, or one that sent nothing for too long: nobody is there to read. */
function refusalOf(code: string | undefined): DomainError | undefined {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new DomainError(
      'headers_too_large',
      'Address and headers together are larger than 32 KiB.',
    );
  if (code?.startsWith('HPE_') === true)
    return new DomainError(
      'invalid_request',
      'This is not a request in the form of HTTP/1.1.',
    );
  return undefined;
}

/** A second answer on a connection whose first is under way would be read as part of it. */
function hasAnswered(socket: Duplex): boolean {
  return 'bytesWritten' in socket && socket.bytesWritten !== 0;
}
