import type { Client } from '@sandboxed/sdk';
import { serverMessage } from './server-message.ts';

interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Where a line is: on its way, there, away for now, or over. */
type LineState = 'opening' | 'there' | 'away' | 'over';

/** A connection to a terminal in a sandbox. */
export interface Line {
  /** What is typed while the connection is away is lost. */
  type(text: string): void;
  resize(size: Size): void;
  /** Ends the terminal. */
  close(): void;
}

interface Opened {
  readonly client: Client;
  readonly sandboxId: string;
  readonly size: () => Size;
  /** Resolves once the bytes are shown. */
  readonly show: (bytes: Uint8Array) => Promise<void>;
  readonly tell: (state: LineState, message: string) => void;
}

const AGAIN_MS = 1_000;
/** The API keeps a terminal that nobody looks at for 5 minutes. */
const TRIES = 240;

/** Opens a shell; comes back to it when the connection breaks, without a gap in what it shows. */
export function openTerminal({
  client,
  sandboxId,
  size,
  show,
  tell,
}: Opened): Line {
  const closed = new AbortController();
  let socket: WebSocket | undefined;
  let terminal: string | undefined;
  /** Of the next byte to be shown. */
  let offset = 0;
  let tries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function connect(): Promise<void> {
    const { protocols } = await client.json(
      'post',
      '/v1/sandboxes/{id}/terminal-tickets',
      { params: { id: sandboxId }, body: {} },
      { signal: closed.signal },
    );
    const { cols, rows } = size();
    const url = new URL(
      `/v1/sandboxes/${sandboxId}/terminal?cols=${cols}&rows=${rows}`,
      location.href,
    );
    url.protocol = url.protocol.replace('http', 'ws');
    if (terminal !== undefined) {
      url.searchParams.set('terminal', terminal);
      url.searchParams.set('after', String(offset));
    }
    if (closed.signal.aborted) return;
    const made = new WebSocket(url, [...protocols]);
    made.binaryType = 'arraybuffer';
    let isOver = false;
    made.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) {
        offset += data.byteLength;
        void show(new Uint8Array(data));
        return;
      }
      if (typeof data !== 'string') return;
      const said = serverMessage(data);
      if (said === undefined) return;
      if (said.type === 'ready') {
        ({ terminal, offset } = said);
        tries = 0;
        tell('there', 'Connected.');
        line.resize(size());
      } else if (said.type === 'waiting') {
        tell('opening', 'The sandbox is started…');
      } else {
        isOver = true;
        tell('over', endOf(said));
      }
    };
    made.onclose = () => {
      socket = undefined;
      if (!isOver) later();
    };
    socket = made;
  }

  function later(): void {
    if (closed.signal.aborted) return;
    tries += 1;
    if (tries > TRIES) {
      tell('over', 'The terminal could not be reached again.');
      return;
    }
    tell('away', 'The connection is away. Reconnecting…');
    timer = setTimeout(begin, AGAIN_MS);
  }

  function begin(): void {
    connect().catch((error: unknown) => {
      if (closed.signal.aborted) return;
      if (terminal !== undefined) later();
      else tell('over', error instanceof Error ? error.message : 'It failed.');
    });
  }

  const send = (data: string | Uint8Array<ArrayBuffer>): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(data);
  };
  const line: Line = {
    type(text) {
      send(new TextEncoder().encode(text));
    },
    resize({ cols, rows }) {
      send(JSON.stringify({ type: 'resize', cols, rows }));
    },
    close() {
      closed.abort();
      clearTimeout(timer);
      socket?.close(1000);
    },
  };
  begin();
  return line;
}

function endOf(
  said:
    | { readonly type: 'exit'; readonly exitCode: number }
    | { readonly type: 'taken_over' }
    | { readonly type: 'error'; readonly message: string },
): string {
  switch (said.type) {
    case 'exit':
      return `The shell ended with ${said.exitCode}.`;
    case 'taken_over':
      return 'Another window shows this terminal now.';
    case 'error':
      return said.message;
  }
}
