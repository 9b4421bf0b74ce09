/** Beyond this the caller should decide. */
const MAX_RETRY_AFTER_SECONDS = 60;
const FIRST_MS = 200;
const MAX_MS = 8_000;

/**
 * How long to wait before try `attempt + 1`, in milliseconds; undefined when the server asks for longer than a caller would want to
 * be kept. `random` is in [0, 1).
 */
export function backoffMs(
  attempt: number,
  retryAfterSeconds: number | undefined,
  random: number,
): number | undefined {
  if (retryAfterSeconds !== undefined)
    return retryAfterSeconds > MAX_RETRY_AFTER_SECONDS
      ? undefined
      : // A little later than asked, and not all at once.
        retryAfterSeconds * 1_000 + random * 250;
  const longest = Math.min(MAX_MS, FIRST_MS * 2 ** (attempt - 1));
  return longest / 2 + (random * longest) / 2;
}

/** `Retry-After` in seconds; a date counts from `now`, in ms since the epoch. */
export function retryAfter(
  header: string | null,
  now: number,
): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1_000);
}

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/** What an aborted signal was aborted with, as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error
    ? reason
    : new DOMException('The call was aborted.', 'AbortError');
}
