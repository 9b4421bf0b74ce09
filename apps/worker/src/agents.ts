import type { AgentClient, AgentHealth } from '@sandboxed/agent';
import { AgentError, createAgentClient } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import { agentSocket } from '@sandboxed/domain';
import { asDomainError } from '@sandboxed/jobs';
import { ulid } from 'ulid';

/** How long a started container's resident agent may take to answer, on a host that is busy. */
export const AGENT_READY_MS = 20_000;
/** An agent that runs answers in milliseconds. */
const ANSWER_MS = 1_000;

/** Connections to the resident agents, one client per sandbox, kept while it runs. */
export interface Agents {
  client(id: SandboxId): AgentClient;
  /** Resolves when the agent answers, with what it says of itself and the app. Throws `agent_unreachable` after `timeoutMs`. */
  waitReady(
    id: SandboxId,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<AgentHealth>;
  /**
   * Has an agent that nobody has used yet do once what a sandbox's first command and first start ask of it, so that all of that is
   * loaded. Leaves no trace. Throws the agent's failures.
   */
  warmUp(id: SandboxId, signal: AbortSignal): Promise<void>;
  /** Whether the agent was booted since its container started; undefined when it does not answer within a second. */
  isBooted(id: SandboxId): Promise<boolean | undefined>;
  /** Ports that another machine is connected to; none when the agent does not answer within a second, or is too old to say. */
  connectedPorts(id: SandboxId): Promise<readonly number[]>;
  /** Tells the agent to end as it does when its container is stopped. Whether it has heard that, within a second. */
  end(id: SandboxId): Promise<boolean>;
  /** Sandboxes that there is a client of. */
  known(): readonly SandboxId[];
  /** Closes the client of a sandbox that went down. */
  forget(id: SandboxId): void;
  close(): void;
}

/** `dataDir` holds the agents' sockets. Errors of the agent arrive as DomainErrors. */
export function createAgents(dataDir: string): Agents {
  const clients = new Map<SandboxId, AgentClient>();

  const agents: Agents = {
    client(id) {
      const known = clients.get(id);
      if (known !== undefined) return known;
      const fresh = createAgentClient({ socketPath: agentSocket(dataDir, id) });
      clients.set(id, fresh);
      return fresh;
    },

    waitReady(id, timeoutMs, signal) {
      return agents
        .client(id)
        .waitReady({ timeoutMs, signal })
        .catch(asDomainError);
    },

    async warmUp(id, signal) {
      const agent = agents.client(id);
      const process = ulid();
      try {
        await agent.app({ signal });
        await agent.startProcess(
          { id: process, shell: 'true', output_cap_bytes: 0 },
          { signal },
        );
        const output = agent.followOutput(process, { signal });
        for await (const { type } of output) if (type === 'exit') break;
        await agent.forget(process, { signal });
      } catch (error) {
        asDomainError(error);
      }
    },

    async isBooted(id) {
      const health = await ask((signal) =>
        agents.client(id).health({ signal }),
      );
      return health?.booted;
    },

    async connectedPorts(id) {
      const ports = await ask((signal) =>
        agents.client(id).connectedPorts({ signal }),
      );
      return ports ?? [];
    },

    async end(id) {
      const heard = await ask(async (signal) => {
        await agents.client(id).end({ signal });
        return true;
      });
      return heard === true;
    },

    known: () => [...clients.keys()],

    forget(id) {
      clients.get(id)?.close();
      clients.delete(id);
    },

    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
  return agents;
}

/** What an agent says; undefined when it does not, or not in time. */
async function ask<T>(
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  // Not even a question that is deaf for its signal is waited for longer.
  const late = new Promise<undefined>((resolve) => {
    limit.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  try {
    return await Promise.race([question(limit), late]);
  } catch (error) {
    if (limit.aborted || error instanceof AgentError) return undefined;
    throw error;
  }
}
