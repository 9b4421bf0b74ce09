import type { AgentClient } from '@sandboxed/agent';
import { createAgentClient } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import { agentSocket } from '@sandboxed/domain';

/** Clients of resident agents, with connections that are kept from one call to the next. */
export interface KeptAgents {
  client(id: SandboxId): AgentClient;
  close(): void;
}

/** `dataDir` holds the agents' sockets. Keeps clients of the `most` sandboxes that were used last; one in use finishes what it does. */
export function createKeptAgents(dataDir: string, most: number): KeptAgents {
  // In the order of their last use.
  const clients = new Map<SandboxId, AgentClient>();

  function retireOldest(): void {
    for (const [id, client] of clients) {
      if (clients.size <= most) return;
      clients.delete(id);
      client.retire();
    }
  }

  return {
    client(id) {
      const client =
        clients.get(id) ??
        createAgentClient({ socketPath: agentSocket(dataDir, id) });
      clients.delete(id);
      clients.set(id, client);
      retireOldest();
      return client;
    },
    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}
