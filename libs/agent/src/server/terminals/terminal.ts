import type { Duplex } from 'node:stream';
import { AGENT_LIMITS } from '../../limits.ts';
import { controlFrame, dataFrames, type Frame } from '../../terminal-frames.ts';
import {
  terminalOrderSchema,
  type TerminalSize,
} from '../../terminal-protocol.ts';
import type { Pty } from './pty.ts';
import type { Scrollback } from './scrollback.ts';

/** A terminal, which at most one connection looks at. */
export type Terminal = {
  /** Shows it to a connection from `after` on, and not any more to the one before. */
  readonly attach: (
    socket: Duplex,
    view: TerminalSize & { readonly after: number },
  ) => void;
  /** A frame of the connection that it was last shown to; of others it is left alone. */
  readonly take: (socket: Duplex, frame: Frame) => void;
  /** Its connection has gone. */
  readonly detach: (socket: Duplex) => void;
  /** Cuts its connection, without a word of how it ends, and hangs up. */
  readonly close: () => void;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<unknown>;
};

/** `onOver` is called when nobody came back to it in time, or who looked at it hung up. */
export function createTerminal(
  open: (on: {
    readonly onOutput: (bytes: Buffer) => void;
    readonly onDrain: () => void;
  }) => Pty,
  scrollback: Scrollback,
  onOver: () => void,
): Terminal {
  let viewer: Duplex | undefined;
  let exitCode: number | undefined;
  let isOver = false;
  let unread: NodeJS.Timeout | undefined;
  let alone: NodeJS.Timeout | undefined;

  const pty = open({
    onOutput(bytes) {
      scrollback.append(bytes);
      // The program waits for a reader that does not keep up; without one it goes on.
      if (viewer?.write(dataFrames(bytes)) === false) pty.pause();
    },
    onDrain() {
      clearTimeout(unread);
      viewer?.resume();
    },
  });
  const ended = pty.ended.then((code) => {
    exitCode = code;
    leaveAlone();
    if (viewer !== undefined) tellEnd(viewer, code);
  });

  function tellEnd(socket: Duplex, code: number): void {
    socket.end(controlFrame({ type: 'exit', exit_code: code }));
  }

  function leaveAlone(): void {
    clearTimeout(alone);
    if (!isOver) alone = setTimeout(over, AGENT_LIMITS.terminalKeptMs);
  }

  function over(): void {
    isOver = true;
    clearTimeout(alone);
    clearTimeout(unread);
    pty.hangUp();
    onOver();
  }

  function resumeWhenDrained(socket: Duplex): void {
    socket.on('drain', () => {
      if (viewer === socket) pty.resume();
    });
  }

  return {
    attach(socket, { after, ...size }) {
      viewer?.end(controlFrame({ type: 'taken_over' }));
      viewer = socket;
      clearTimeout(unread);
      if (exitCode === undefined) clearTimeout(alone);
      const { offset, bytes } = scrollback.since(after);
      socket.write(controlFrame({ type: 'opened', offset }));
      if (bytes.length > 0) socket.write(dataFrames(bytes));
      if (exitCode !== undefined) {
        tellEnd(socket, exitCode);
        return;
      }
      pty.resize(size);
      resumeWhenDrained(socket);
      if (socket.writableNeedDrain) pty.pause();
      else pty.resume();
    },
    take(socket, frame) {
      if (socket !== viewer) return;
      if (frame.kind === 'data') {
        if (pty.write(frame.bytes)) return;
        socket.pause();
        clearTimeout(unread);
        unread = setTimeout(() => {
          socket.destroy();
        }, AGENT_LIMITS.unreadInputMs);
        return;
      }
      const order = terminalOrderSchema.parse(frame.json);
      if (order.type === 'resize') pty.resize(order);
      else over();
    },
    detach(socket) {
      if (socket !== viewer) return;
      viewer = undefined;
      clearTimeout(unread);
      pty.resume();
      leaveAlone();
    },
    close() {
      viewer?.destroy();
      over();
    },
    hasEnded: () => exitCode !== undefined,
    ended,
  };
}
