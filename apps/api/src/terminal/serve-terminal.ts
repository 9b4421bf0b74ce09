import type { AgentTerminal, TerminalSize } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';
import type { WebSocket } from 'ws';
import type { Call } from '../http/route.ts';
import { awaitStart } from '../wake/become-ready.ts';
import { createActivity } from './activity.ts';
import type { Begun } from './begin.ts';
import { connectAgent } from './connect-agent.ts';
import type { TerminalQuery } from './query.ts';
import type { Viewer } from './viewer.ts';
import { CLOSE, createViewer } from './viewer.ts';

/** What may be typed before a terminal is there. Bytes. */
const EARLY_BYTES = 65_536;
/** What hung up and does not end is left alone. Milliseconds. */
const HUNG_UP_MS = 10_000;

/** Joins a web socket with a terminal in a sandbox until either ends. Throws nothing: what goes wrong is told on the socket. */
export async function serveTerminal(
  call: Call<unknown, TerminalQuery>,
  socket: WebSocket,
  begun: Begun,
): Promise<void> {
  const { deps, query } = call;
  const { sandboxId, id, jobId } = begun;
  const active = createActivity(deps, sandboxId);
  const early: Buffer[] = [];
  let earlyBytes = 0;
  let size: TerminalSize = { cols: query.cols, rows: query.rows };
  let terminal: AgentTerminal | undefined;

  const type = (to: AgentTerminal, bytes: Buffer): void => {
    const room = to.write(bytes);
    if (room !== undefined) viewer.holdUntil(room);
  };
  const viewer = createViewer(socket, {
    typed(bytes) {
      active();
      if (terminal !== undefined) {
        type(terminal, bytes);
        return;
      }
      earlyBytes += bytes.length;
      if (earlyBytes > EARLY_BYTES) viewer.fail(tooEarly());
      else early.push(bytes);
    },
    resized(to) {
      size = to;
      terminal?.resize(to);
    },
  });
  const isGone = (): boolean => viewer.gone.aborted;
  const restart = (): void => {
    viewer.close(CLOSE.restart);
  };
  const left = (): void => {
    if (terminal !== undefined) leave(terminal, viewer.hasHungUp());
  };
  deps.hub.closing.addEventListener('abort', restart);
  viewer.gone.addEventListener('abort', left);
  call.onKeyEnd(() => {
    viewer.fail(
      new DomainError(
        'unauthenticated',
        'The key that opened this terminal was revoked or has expired.',
      ),
    );
  });

  try {
    if (deps.hub.closing.aborted) restart();
    if (jobId !== undefined) {
      viewer.tell({ type: 'waiting', job_id: jobId });
      await awaitStart(deps, jobId, viewer.gone);
    }
    if (isGone()) return;
    terminal = await connectAgent(
      ...([deps, begun, query, call.terminalEnv] as const),
      size,
      viewer.gone,
    );
    if (isGone()) {
      left();
      return;
    }
    viewer.tell({ type: 'ready', terminal: id, offset: terminal.offset });
    terminal.resize(size);
    for (const bytes of early.splice(0)) type(terminal, bytes);
    await show(terminal, viewer, active);
  } catch (error) {
    if (isGone()) return;
    const known = error instanceof AgentError ? cutOff(call, begun) : error;
    if (!(known instanceof DomainError))
      deps.logger.error({ err: error }, 'a terminal failed');
    viewer.fail(known);
  } finally {
    deps.hub.closing.removeEventListener('abort', restart);
    if (!viewer.hasHungUp()) terminal?.leave();
  }
}

/** Ends it when its user did, else leaves it for who comes back. */
function leave(terminal: AgentTerminal, hasHungUp: boolean): void {
  if (!hasHungUp) {
    terminal.leave();
    return;
  }
  terminal.hangUp();
  setTimeout(() => {
    terminal.leave();
  }, HUNG_UP_MS).unref();
}

/** Shows what comes, no faster than it is taken, to the end. */
async function show(
  terminal: AgentTerminal,
  viewer: Viewer,
  active: () => void,
): Promise<void> {
  for await (const frame of terminal.frames)
    if (frame.type === 'output') {
      active();
      await viewer.show(frame.bytes);
    } else {
      viewer.tell(frame);
      viewer.close(frame.type === 'exit' ? CLOSE.over : CLOSE.takenOver);
    }
}

function tooEarly(): DomainError {
  return new DomainError(
    'invalid_request',
    'More was typed before the terminal was ready than is kept.',
  );
}

/** Why an agent that was there is not any more. */
function cutOff({ deps }: Pick<Call, 'deps'>, { sandboxId }: Begun): Error {
  const state = deps.store.sandboxes.get(sandboxId)?.state;
  if (state === undefined || state === 'deleting' || state === 'deleted')
    return new DomainError('sandbox_not_found', 'The sandbox was deleted.');
  if (state !== 'running')
    return new DomainError('sandbox_not_running', 'The sandbox was stopped.');
  return new DomainError(
    'agent_unreachable',
    'The connection to the sandbox broke. Connect again.',
  );
}
