import { setTimeout as pause } from 'node:timers/promises';
import type { AgentClient, OutputFrame, ProcessState } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type { DockerDriver } from '@sandboxed/docker';
import type { SandboxId } from '@sandboxed/domain';
import { containerName, DomainError } from '@sandboxed/domain';
import { asDomainError } from './agents.ts';

/** A broken connection to a sandbox that still runs is taken up again this often. */
const RECONNECTS = 5;

/** A piece of output of a process. */
type OutputPiece = Extract<OutputFrame, { type: 'output' }>;

/** Which process is followed, and through what. */
export interface Followed {
  readonly agent: AgentClient;
  readonly docker: DockerDriver;
  readonly sandboxId: SandboxId;
  readonly processId: string;
  /** Aborting throws its reason. */
  readonly signal: AbortSignal;
  readonly onOutput: (piece: OutputPiece) => void;
}

/**
 * Follows a process of a sandbox to its end, through broken connections.
 * Throws `sandbox_not_running` when the sandbox stops, `agent_unreachable` when its connections keep breaking.
 */
export async function followProcess(request: Followed): Promise<ProcessState> {
  const { agent, signal, processId } = request;
  let offset = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      for await (const frame of agent.followOutput(processId, {
        offset,
        signal,
      })) {
        if (frame.type === 'exit') return frame.state;
        request.onOutput(frame);
        offset = frame.offset;
        attempt = 0;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentError)) throw error;
      const facts = await request.docker.inspect(
        containerName(request.sandboxId),
      );
      if (facts?.running !== true)
        throw new DomainError(
          'sandbox_not_running',
          'The sandbox stopped while the command ran.',
          { cause: error },
        );
      if (attempt >= RECONNECTS) asDomainError(error);
    }
    if (attempt >= RECONNECTS)
      throw new DomainError(
        'agent_unreachable',
        'The sandbox kept cutting the output of the command short.',
      );
    await pause(100 * (attempt + 1), undefined, { signal });
  }
}
