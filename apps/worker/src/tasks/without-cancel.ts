/** Follows `signal` but for a cancel: whoever ends a program in good order still has to hear it out. */
export function withoutCancel(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const follow = (): void => {
    if (signal.reason !== 'cancelled') controller.abort(signal.reason);
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return controller.signal;
}
