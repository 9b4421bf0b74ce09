import { ConnectionError, errorOf, SandboxedError } from '../errors.ts';
import { reasonOf } from '../http/backoff.ts';
import type { Client } from '../http/client.ts';
import { Patience } from '../http/patience.ts';
import { isPassing } from '../http/refusal.ts';
import type { WebSocketLike } from '../http/web-socket.ts';
import { WITHDRAW_MS } from '../http/withdrawable.ts';
import type { Closed } from './link.ts';
import { heard, HANG_UP, LEAVE } from './link.ts';
import type { Opening, TerminalEnd, TerminalSize } from './options.ts';
import { throwIfAsleep, throwRefusal } from './refusal.ts';
import type { ServerMessage } from './server-message.ts';
import { Shown } from './shown.ts';
import { Typed } from './typed.ts';

/** That the caller has enough of it. */
interface Leaving {
  readonly code: typeof HANG_UP | typeof LEAVE;
  /** Answers how it ended then, or throws why. */
  readonly settle: () => TerminalEnd;
}

/** A terminal over one web socket after the other, until it or its caller ends it. */
export class Session {
  readonly shown = new Shown();
  readonly ended: Promise<TerminalEnd>;
  readonly #typed = new Typed();
  readonly #client: Client;
  readonly #sandboxId: string;
  readonly #opening: Opening;
  /** Ends whatever is under way. */
  readonly #stop = new AbortController();
  readonly #begun: Promise<void>;
  #onBegun: () => void = () => undefined;
  #id: string | undefined;
  #size: Partial<TerminalSize>;
  /** Of the next byte to be shown, where that is known. */
  #after: number | undefined;
  #socket: WebSocketLike | undefined;
  /** Whether what is typed arrives. */
  #isReady = false;
  #wasReady = false;
  /** Whether a program may run of which nothing is known. */
  #mayHaveBegun = false;
  #leaving: Leaving | undefined;

  constructor(client: Client, sandboxId: string, opening: Opening) {
    this.#client = client;
    this.#sandboxId = sandboxId;
    this.#opening = opening;
    const { terminal, after, cols, rows, signal } = opening;
    this.#id = terminal;
    this.#after = after;
    this.#size = {
      ...(cols !== undefined && { cols }),
      ...(rows !== undefined && { rows }),
    };
    this.#begun = new Promise((resolve) => {
      this.#onBegun = resolve;
    });
    const abort = (): void => {
      const error = reasonOf(signal);
      this.shown.end({ error });
      void this.#leave(HANG_UP, () => {
        throw error;
      });
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.ended = this.#run().finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#typed.refuse(isOver());
    });
    this.ended.then(
      () => {
        this.shown.end({});
      },
      (error: unknown) => {
        this.shown.end({ error });
      },
    );
  }

  /** Resolves with the terminal's id once it is there. Throws why it never will be. */
  async ready(): Promise<string> {
    await Promise.race([this.#begun, this.ended]);
    return this.#id ?? '';
  }

  type(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const taken = this.#typed.add(bytes);
    if (this.#isReady && this.#socket !== undefined)
      void this.#typed.giveTo(this.#socket);
    return taken;
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#size = { cols, rows };
    if (this.#isReady && this.#socket?.readyState === 1)
      this.#socket.send(JSON.stringify({ type: 'resize', cols, rows }));
  }

  /** Ends the terminal, or leaves it as it is. Resolves once that is so, after 10 s at most. */
  end(reason: 'closed' | 'detached'): Promise<void> {
    const code = reason === 'closed' ? HANG_UP : LEAVE;
    return this.#leave(code, () => ({ reason }));
  }

  async #leave(
    code: Leaving['code'],
    settle: Leaving['settle'],
  ): Promise<void> {
    this.#leaving ??= { code, settle };
    this.#typed.refuse(isOver());
    // One that is away is come back to, so that it ends.
    if (this.#socket !== undefined) this.#socket.close(code);
    else if (this.#id === undefined || code === LEAVE) this.#stop.abort();
    const timer = setTimeout(() => {
      this.#stop.abort();
    }, WITHDRAW_MS);
    await this.ended.catch(() => undefined);
    clearTimeout(timer);
  }

  async #run(): Promise<TerminalEnd> {
    try {
      return await this.#connections();
    } catch (error) {
      if (this.#leaving === undefined) throw error;
      return this.#leaving.settle();
    }
  }

  async #connections(): Promise<TerminalEnd> {
    const patience = new Patience('The terminal', this.#client.patienceMs);
    const { signal } = this.#stop;
    for (let tries = 1; ; tries += 1) {
      patience.begin();
      try {
        return await this.#connection(patience);
      } catch (error) {
        if (signal.aborted || !this.#mayComeBack(error, tries)) throw error;
        if (this.#wasReady) this.#opening.onStatus?.('away');
        await patience.pause(error, signal);
      }
    }
  }

  /** One web socket, to its end. Throws when it was not the terminal's. */
  async #connection(patience: Patience): Promise<TerminalEnd> {
    const { signal } = this.#stop;
    const { cmd, cwd, env } = this.#opening;
    const params = { id: this.#sandboxId };
    const isNew = this.#id === undefined;
    const { protocols } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/terminal-tickets',
      { params, body: isNew && env !== undefined ? { env } : {} },
      { signal },
    );
    signal.throwIfAborted();
    const address = {
      path: '/v1/sandboxes/{id}/terminal',
      params,
      query: {
        ...this.#size,
        ...(isNew ? { cmd, cwd } : { terminal: this.#id, after: this.#after }),
      },
    };
    const socket = this.#client.webSocket(address, protocols);
    this.#socket = socket;
    let end: TerminalEnd | SandboxedError | undefined;
    const ears = {
      shown: (bytes: Uint8Array) => {
        patience.progress();
        this.shown.push(bytes);
        this.#after = this.shown.received;
      },
      said: (message: ServerMessage) => {
        patience.sign();
        end = this.#hear(message, socket);
        return end !== undefined;
      },
    };
    const closed = await heard(socket, this.#client.silenceMs, ears, signal);
    const wasReady = this.#isReady;
    this.#socket = undefined;
    this.#isReady = false;
    if (end instanceof SandboxedError) throw end;
    if (end !== undefined) return end;
    if (this.#leaving !== undefined && (wasReady || isNew))
      return this.#leaving.settle();
    this.#mayHaveBegun = closed.wasOpen && cmd !== undefined;
    if (!closed.wasOpen) {
      await throwRefusal(this.#client, address, signal);
      if (!isNew) await throwIfAsleep(this.#client, params, signal);
    }
    throw brokenOff(closed);
  }

  /** Answers how the terminal ended, if that is what was said. */
  #hear(
    message: ServerMessage,
    socket: WebSocketLike,
  ): TerminalEnd | SandboxedError | undefined {
    switch (message.type) {
      case 'waiting':
        this.#opening.onStatus?.('starting');
        return undefined;
      case 'ready':
        this.#id = message.terminal;
        this.shown.moveTo(message.offset, this.#after);
        this.#after = message.offset;
        this.#isReady = true;
        this.#wasReady = true;
        this.#onBegun();
        if (this.#leaving !== undefined) socket.close(this.#leaving.code);
        else void this.#typed.giveTo(socket);
        this.#opening.onStatus?.('connected');
        return undefined;
      case 'pong':
        return undefined;
      case 'exit':
        return { reason: 'exited', exitCode: message.exit_code };
      case 'taken_over':
        return { reason: 'taken_over' };
      case 'error': {
        const { code, retryable } = message;
        return errorOf(message.message, { code, retryable });
      }
    }
  }

  /** Whether another web socket may mend it, and begins nothing twice. */
  #mayComeBack(error: unknown, tries: number): boolean {
    if (!(error instanceof SandboxedError)) return false;
    // What was said of a terminal that was there; of one that never was, its caller decides.
    if (this.#wasReady)
      return isPassing(error) || (error.status === 0 && error.retryable);
    return (
      isPassing(error) &&
      !this.#mayHaveBegun &&
      tries <= this.#client.maxRetries
    );
  }
}

function isOver(): SandboxedError {
  return errorOf('This terminal is over.', { code: 'terminal_not_found' });
}

function brokenOff({ code, wasOpen, cause }: Closed): ConnectionError {
  return new ConnectionError(
    wasOpen
      ? `The connection of the terminal broke off (${String(code)}).`
      : 'The web socket of the terminal did not open: a proxy that lets none through may stand between, or a page of an origin that may not.',
    { code: 'connection_failed', retryable: true },
    { cause },
  );
}
