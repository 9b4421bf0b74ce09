import type {
  Terminal,
  TerminalEnd,
  Terminals,
  TerminalSize,
  TerminalStatus,
} from '@sandboxed/sdk';

/** A shell in a sandbox, on its way or there. */
interface Line {
  /** What is typed before it is there is lost. */
  type(text: string): void;
  resize(size: TerminalSize): void;
  /** Resolves with what is to be said of its end. */
  readonly ended: Promise<string>;
}

interface Opened {
  readonly terminals: Terminals;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly size: () => TerminalSize;
  /** Resolves once the bytes are shown. */
  readonly show: (bytes: Uint8Array) => Promise<void>;
  readonly tell: (message: string) => void;
}

const STATUS: Readonly<Record<TerminalStatus, string>> = {
  starting: 'The sandbox is started…',
  connected: 'Connected.',
  away: 'The connection is away. Reconnecting…',
};

/** Opens a shell and shows it to its end. */
export function openTerminal({
  terminals,
  signal,
  size,
  show,
  tell,
}: Opened): Line {
  let terminal: Terminal | undefined;

  async function shown(): Promise<string> {
    terminal = await terminals.open({
      ...size(),
      signal,
      onStatus(status) {
        tell(STATUS[status]);
      },
    });
    // It may have another size by now.
    terminal.resize(size());
    for await (const bytes of terminal) await show(bytes);
    return endOf(await terminal.exited);
  }

  return {
    type(text) {
      terminal?.write(text).catch((error: unknown) => {
        if (!signal.aborted) tell(messageOf(error));
      });
    },
    resize(to) {
      terminal?.resize(to);
    },
    ended: shown().catch(messageOf),
  };
}

function endOf(end: TerminalEnd): string {
  switch (end.reason) {
    case 'exited':
      return `The shell ended with ${end.exitCode}.`;
    case 'taken_over':
      return 'Another window shows this terminal now.';
    case 'closed':
    case 'detached':
      return 'The terminal was closed.';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'It failed.';
}
