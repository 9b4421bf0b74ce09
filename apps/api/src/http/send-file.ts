import { pipeline } from 'node:stream/promises';
import { DomainError } from '@sandboxed/domain';
import type { OpenedFile } from '@sandboxed/files';
import type { Request, Response } from 'express';
import type { Call } from './route.ts';
import { SILENCE_MS } from './stream-body.ts';

interface Part {
  readonly from: number;
  readonly length: number;
  readonly isWhole: boolean;
}

/** Answers a file, or the one range of it that is asked for; 304 when the client has it. Throws `range_not_satisfiable`. */
export async function sendFile(
  { request, gone }: Call,
  response: Response,
  file: OpenedFile,
): Promise<void> {
  response.set({
    'Content-Type': 'application/octet-stream',
    'Cache-Control': 'no-cache',
    'Accept-Ranges': 'bytes',
    ETag: file.etag,
    'Last-Modified': file.modifiedAt.toUTCString(),
  });
  if (clientHas(request.get('if-none-match'), file)) {
    response.status(304).end();
    return;
  }
  const part = partOf(request, response, file);
  if (!part.isWhole)
    response
      .status(206)
      .set(
        'Content-Range',
        `bytes ${part.from}-${part.from + part.length - 1}/${file.size}`,
      );
  response.set('Content-Length', String(part.length));
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.setTimeout(SILENCE_MS, () => response.destroy());
  try {
    await pipeline(file.bytes(part.from, part.length), response);
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

/** `If-None-Match`: `*`, or a list that names the file as it is. */
function clientHas(given: string | undefined, { etag }: OpenedFile): boolean {
  return (
    given !== undefined &&
    given
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''))
      .some((tag) => tag === '*' || tag === etag)
  );
}

function partOf(request: Request, response: Response, file: OpenedFile): Part {
  const whole = { from: 0, length: file.size, isWhole: true };
  if (!rangeHolds(request.get('if-range'), file)) return whole;
  const ranges = request.range(file.size, { combine: true });
  if (ranges === -1) {
    response.set('Content-Range', `bytes */${file.size}`);
    throw new DomainError(
      'range_not_satisfiable',
      `The file has ${file.size} bytes and none in this range.`,
    );
  }
  // Ranges that are no sense, of another unit, or several: RFC 9110 lets a server answer the whole.
  if (!Array.isArray(ranges) || ranges.type !== 'bytes') return whole;
  const [range, ...more] = ranges;
  if (range === undefined || more.length > 0) return whole;
  return {
    from: range.start,
    length: range.end - range.start + 1,
    isWhole: false,
  };
}

/** `If-Range`: a range only of the very file that the client has the rest of. */
function rangeHolds(given: string | undefined, file: OpenedFile): boolean {
  return (
    given === undefined ||
    given === file.etag ||
    given === file.modifiedAt.toUTCString()
  );
}
