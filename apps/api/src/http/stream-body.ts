import type { IncomingMessage } from 'node:http';
import { DomainError } from '@sandboxed/domain';

/** A client that sends or takes nothing for this long is given up. */
export const SILENCE_MS = 30_000;

/**
 * A body as it comes, for routes with `rawBody`. Bounded in bytes and in silence, not in time; what is left when the reader
 * stops stays in the request. Throws `body_too_large`, `timed_out`, and `cancelled` when the client goes away.
 */
export async function* streamBody(
  request: IncomingMessage,
  maxBytes: number,
  silenceMs = SILENCE_MS,
): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    throw tooLarge(maxBytes);
  const chunks = request.iterator({ destroyOnReturn: false });
  let size = 0;
  try {
    for (;;) {
      const next = await withinSilence(chunks.next(), silenceMs);
      if (next.done === true) return;
      const chunk = next.value as Buffer;
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError(
      'cancelled',
      'The client went away before its body was complete.',
      { cause: error },
    );
  } finally {
    // Not awaited: it may stand behind a chunk that never comes.
    void chunks.return?.();
  }
}

async function withinSilence<T>(next: Promise<T>, ms: number): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    silence.reject(
      new DomainError(
        'timed_out',
        `Nothing of the body came for ${ms / 1000} s.`,
      ),
    );
  }, ms);
  try {
    return await Promise.race([next, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError(
    'body_too_large',
    `The body is larger than ${maxBytes} bytes. SANDBOXED_UPLOAD_MAX_MB sets the limit.`,
  );
}
