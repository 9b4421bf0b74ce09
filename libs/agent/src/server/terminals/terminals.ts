import fs from 'node:fs';
import type { Duplex } from 'node:stream';
import type * as z from 'zod';
import { AGENT_LIMITS } from '../../limits.ts';
import {
  controlFrame,
  createFrameReader,
  type Frame,
} from '../../terminal-frames.ts';
import { terminalRequestSchema } from '../../terminal-protocol.ts';
import { pause } from '../pause.ts';
import type { ProcessEnvironment } from '../process-environment.ts';
import { Refusal, unknown } from '../refusal.ts';
import { preferForOom } from '../spawn-group.ts';
import { loadPtyAddon, openPty, type PtyAddon } from './pty.ts';
import { createScrollback } from './scrollback.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** Who connects says at once what for. Milliseconds. */
const FIRST_FRAME_MS = 10_000;

type Request = z.output<typeof terminalRequestSchema>;

/** The terminals of this sandbox. */
export type Terminals = {
  /** Takes a connection that was upgraded, to its end. */
  readonly connect: (socket: Duplex) => void;
  /** Hangs up all of them; resolves when they have ended, or after `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>;
};

/** See {@link Terminals}. The native part is loaded with the first of them. */
export function createTerminals(deps: {
  readonly addonFile: string;
  readonly environment: ProcessEnvironment;
}): Terminals {
  const terminals = new Map<string, Terminal>();
  let addon: PtyAddon | undefined;

  /** Those that ended make room first. */
  function makeRoom(): void {
    for (const [id, terminal] of terminals)
      if (terminals.size >= AGENT_LIMITS.terminals && terminal.hasEnded())
        terminals.delete(id);
    if (terminals.size >= AGENT_LIMITS.terminals)
      throw new Refusal(
        429,
        'too_many_terminals',
        `at most ${String(AGENT_LIMITS.terminals)} terminals`,
      );
  }

  function create(request: Request & { type: 'open' }): Terminal {
    const { id, cols, rows, cmd } = request;
    const { environment } = deps;
    const cwd = environment.directory(request.cwd);
    if (fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new Refusal(400, 'bad_request', `no such directory: ${cwd}`);
    const [file, ...args] = cmd ?? environment.loginShell;
    if (file === undefined)
      throw new Refusal(400, 'bad_request', 'there is no command');
    makeRoom();
    const pty = (addon ??= loadPtyAddon(deps.addonFile));
    const env = {
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      ...environment.merge(request.env),
    };
    const terminal = createTerminal(
      (on) =>
        openPty(pty, {
          ...{ argv: [file, ...args], cwd, env, cols, rows },
          onPid: preferForOom,
          ...on,
        }),
      createScrollback(AGENT_LIMITS.scrollbackBytes),
      () => {
        if (terminals.get(id) === terminal) terminals.delete(id);
      },
    );
    terminals.set(id, terminal);
    return terminal;
  }

  function begin(socket: Duplex, frame: Frame): Terminal {
    const json = frame.kind === 'control' ? frame.json : undefined;
    const request = terminalRequestSchema.parse(json);
    const known = terminals.get(request.id);
    const after = request.type === 'resume' ? request.after : 0;
    if (request.type === 'resume' && known === undefined)
      throw unknown('terminal', request.id);
    const terminal =
      known ?? (request.type === 'open' ? create(request) : undefined);
    if (terminal === undefined) throw unknown('terminal', request.id);
    const { cols, rows } = request;
    terminal.attach(socket, { after, cols, rows });
    return terminal;
  }

  return {
    connect(socket) {
      const read = createFrameReader();
      let terminal: Terminal | undefined;
      let isRefused = false;
      const limit = setTimeout(() => socket.destroy(), FIRST_FRAME_MS);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        if (isRefused) return;
        try {
          for (const frame of read(chunk))
            if (terminal === undefined) terminal = begin(socket, frame);
            else terminal.take(socket, frame);
          if (terminal !== undefined) clearTimeout(limit);
        } catch (error) {
          isRefused = true;
          refuse(socket, error);
        }
      });
      socket.on('end', () => socket.end());
      socket.on('close', () => {
        clearTimeout(limit);
        terminal?.detach(socket);
      });
    },
    async stop(graceMs) {
      const all = [...terminals.values()];
      for (const terminal of all) terminal.close();
      const enough = new AbortController();
      await Promise.race([
        Promise.all(all.map(({ ended }) => ended)),
        pause(graceMs, enough.signal),
      ]);
      enough.abort();
    },
  };
}

function refuse(socket: Duplex, error: unknown): void {
  const code = error instanceof Refusal ? error.code : 'bad_request';
  const message = String(error instanceof Error ? error.message : error);
  socket.end(
    controlFrame({ type: 'refused', code, message: message.slice(0, 1_000) }),
  );
}
