import { reasonOf } from '../http/backoff.ts';
import type { Client } from '../http/client.ts';
import type { AttachOptions, Opening, TerminalOptions } from './options.ts';
import { Session } from './session.ts';
import { Terminal } from './terminal.ts';

/** Opens terminals in a sandbox, at most 16 at once. */
export class Terminals {
  readonly #client: Client;
  readonly #id: string;

  constructor(client: Client, sandboxId: string) {
    this.#client = client;
    this.#id = sandboxId;
  }

  /**
   * Opens a terminal, with a login shell unless told otherwise; a sandbox that sleeps is started first. Throws `InvalidRequestError`
   * also where the runtime has no `WebSocket`, `ConflictError` (`busy`) when there are too many. Aborting the signal ends it, then and
   * later. A program of `cmd` is not begun twice: throws `ConnectionError` when it is not known whether it was.
   */
  open(options: TerminalOptions = {}): Promise<Terminal> {
    return this.#opened(options);
  }

  /**
   * Shows a terminal that is there, and nowhere else any more: whoever looked at it before is told `taken_over`. Throws `NotFoundError`
   * when it ended more than 5 minutes ago or nobody looked at it for so long, `ConflictError` when its sandbox sleeps. Aborting the
   * signal ends it.
   */
  attach(terminalId: string, options: AttachOptions = {}): Promise<Terminal> {
    return this.#opened({ ...options, terminal: terminalId });
  }

  async #opened(opening: Opening): Promise<Terminal> {
    const { signal } = opening;
    if (signal?.aborted === true) throw reasonOf(signal);
    const session = new Session(this.#client, this.#id, opening);
    return new Terminal(session, await session.ready());
  }
}
