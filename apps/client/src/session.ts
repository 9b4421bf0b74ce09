import type { Readable } from 'node:stream';
import type { Connection } from '@sandboxed/sdk';
import { Client } from '@sandboxed/sdk';
import type { Output, Sink } from './output.ts';
import type { Settings } from './settings.ts';

/** A stream that may be a terminal's keyboard. */
type Source = Readable &
  AsyncIterable<Uint8Array<ArrayBuffer>> & {
    readonly isTTY?: boolean;
    setRawMode?(on: boolean): unknown;
  };

/** What the program is run in. */
export interface Host {
  readonly environment: Readonly<Partial<Record<string, string>>>;
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Aborted, with an `Interrupted`, when the user has had enough. */
  readonly signal: AbortSignal;
  /** Ends the program as Ctrl-C does, where a prompt takes the key itself. */
  readonly interrupt: () => void;
  /** Shows a page; false where there is no browser. */
  readonly openBrowser: (url: string) => boolean;
}

/** What a command works with: the installation that it calls, and where it listens and speaks. */
export interface Session {
  readonly host: Host;
  readonly connection: Connection;
  readonly client: Client;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** A person waits: a few tries are enough to tell that nobody answers. */
const MAX_RETRIES = 2;

export function openSession(
  host: Host,
  output: Output,
  { baseUrl, token }: Settings,
): Session {
  const connection: Connection = {
    baseUrl,
    maxRetries: MAX_RETRIES,
    ...(token !== undefined && { token }),
  };
  const client = new Client(connection);
  return { host, connection, client, output, signal: host.signal };
}
