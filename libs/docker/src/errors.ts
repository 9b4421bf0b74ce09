import { DomainError } from '@sandboxed/domain';
import { z } from 'zod';

/** Longest piece of the Engine's own words that goes into a message, in characters. */
const MAX_WORDS = 500;

/** What dockerode puts before the Engine's words when the answer was a stream. */
const HTTP_PREFIX = /^\(HTTP code \d+\) .*? - /;

const httpFailure = z.object({
  statusCode: z.int(),
  message: z.string(),
  json: z.unknown(),
});
const engineBody = z.object({ message: z.string() });
const socketFailure = z.object({
  code: z.string().optional(),
  message: z.string(),
});

/**
 * The Engine answered, and the answer was no. A verb that knows the status turns it into something better;
 * what no verb knows reaches the caller as `docker_unavailable` with the Engine's words.
 */
export class EngineRefusal extends DomainError {
  /** HTTP status of the Engine's answer. */
  readonly status: number;
  /** What the Engine said, trimmed and bounded. */
  readonly words: string;

  constructor(what: string, status: number, words: string, cause: unknown) {
    super(
      'docker_unavailable',
      `The Docker Engine could not ${what}: ${words}`,
      { cause },
    );
    this.name = 'EngineRefusal';
    this.status = status;
    this.words = words;
  }
}

/** Whether `error` is the Engine's refusal with one of `statuses`. */
export function isRefusal(
  error: unknown,
  ...statuses: readonly number[]
): error is EngineRefusal {
  return error instanceof EngineRefusal && statuses.includes(error.status);
}

/** Turns whatever a dockerode call threw into a DomainError; `what` completes "could not …". */
export function translateError(
  error: unknown,
  what: string,
  socketPath: string,
): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof z.ZodError)
    return new DomainError(
      'docker_unavailable',
      `The Docker Engine answered in a form that sandboxed does not know when asked to ${what}: ${bounded(z.prettifyError(error))}`,
      { cause: error },
    );
  const refusal = httpFailure.safeParse(error).data;
  if (refusal !== undefined) {
    const words =
      engineBody.safeParse(refusal.json).data?.message ??
      refusal.message.replace(HTTP_PREFIX, '');
    return new EngineRefusal(what, refusal.statusCode, bounded(words), error);
  }
  const failure = socketFailure.safeParse(error).data;
  const detail = failure?.code ?? failure?.message ?? 'no reason given';
  return new DomainError(
    'docker_unavailable',
    `The Docker Engine does not answer on ${socketPath} (${bounded(detail)}). Check that it runs and that this process may open the socket.`,
    { cause: error },
  );
}

/** The Engine's words fit for a message: one line, bounded. */
export function bounded(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}
