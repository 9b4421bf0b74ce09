import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type {
  ServerNotification,
  ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';

/** What a tool is called with besides its input. */
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Not more often than this, so that a program that writes much does not drown its reader. Milliseconds. */
const INTERVAL_MS = 200;
/** At least this often, for clients that give up on silence. Milliseconds. */
const SILENCE_MS = 10_000;
/** The newest of what was not told yet. Characters. */
const MAX_MESSAGE = 1_000;

/** Tells the caller how work gets on, if it asked for that. */
export interface Progress extends Disposable {
  tell(text: string): void;
}

/** Gathers what comes quickly, and tells of time passing when nothing comes. Ends with its scope. */
export function createProgress(extra: Extra): Progress {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined)
    return { tell: () => undefined, [Symbol.dispose]: () => undefined };
  const began = performance.now();
  let progress = 0;
  let gathered = '';
  let soon: NodeJS.Timeout | undefined;

  const send = (message: string): void => {
    progress += 1;
    extra
      .sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, message },
      })
      // Who hung up is told nothing more.
      .catch(() => undefined);
  };
  const flush = (): void => {
    soon = undefined;
    send(gathered);
    gathered = '';
    silence.refresh();
  };
  const silence = setInterval(() => {
    const seconds = Math.round((performance.now() - began) / 1_000);
    send(`At work for ${seconds} s.`);
  }, SILENCE_MS);
  return {
    tell(text) {
      gathered = (gathered + text).slice(-MAX_MESSAGE);
      soon ??= setTimeout(flush, INTERVAL_MS);
    },
    [Symbol.dispose]() {
      clearInterval(silence);
      if (soon === undefined) return;
      clearTimeout(soon);
      send(gathered);
    },
  };
}
