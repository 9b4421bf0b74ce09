import { reasonOf } from './backoff.ts';

/** How long an abort waits for the answer to what was sent, and to have it undone. Milliseconds. */
export const WITHDRAW_MS = 10_000;

/**
 * Sends what makes something. Aborting the caller's signal does not break that off, since it may have been accepted by then: what was
 * made is undone, within 10 s, and the signal's reason thrown.
 */
export async function withdrawable<T>({
  signal,
  send,
  undo,
}: {
  readonly signal: AbortSignal | undefined;
  readonly send: (signal: AbortSignal) => Promise<T>;
  readonly undo: (made: T, signal: AbortSignal) => Promise<unknown>;
}): Promise<T> {
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) throw reasonOf(signal);
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = (): void => {
    timer = setTimeout(() => {
      end.abort();
    }, WITHDRAW_MS);
  };
  signal?.addEventListener('abort', limit, { once: true });
  try {
    const made = await send(end.signal);
    if (!isAborted()) return made;
    await undo(made, end.signal);
  } catch (error) {
    // After an abort it counts no more why it was refused.
    if (!isAborted()) throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', limit);
  }
  throw reasonOf(signal);
}
