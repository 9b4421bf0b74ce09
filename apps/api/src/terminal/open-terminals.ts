import type { SandboxId } from '@sandboxed/domain';
import { AGENT_LIMITS } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';

/** Each terminal of a sandbox, and for each the connection that broke and is not known to be gone yet. */
const MAX_OF_SANDBOX = 2 * AGENT_LIMITS.terminals;
const MAX_OF_TENANT = 64;

/** Counts the connections to terminals in this process: the agents, which count terminals as well, belong to the tenants. */
export interface OpenTerminals {
  /** Counts one until the function that it answers is called. Throws `busy` when there are as many as there may be. */
  enter(tenant: string, sandboxId: SandboxId): () => void;
}

export function createOpenTerminals(): OpenTerminals {
  const ofTenant = new Map<string, number>();
  const ofSandbox = new Map<string, number>();

  return {
    enter(tenant, sandboxId) {
      if ((ofSandbox.get(sandboxId) ?? 0) >= MAX_OF_SANDBOX)
        throw tooMany('This sandbox has', MAX_OF_SANDBOX);
      if ((ofTenant.get(tenant) ?? 0) >= MAX_OF_TENANT)
        throw tooMany('You have', MAX_OF_TENANT);
      add(ofTenant, tenant, 1);
      add(ofSandbox, sandboxId, 1);
      return () => {
        add(ofTenant, tenant, -1);
        add(ofSandbox, sandboxId, -1);
      };
    },
  };
}

function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function tooMany(who: string, most: number): DomainError {
  return new DomainError(
    'busy',
    `${who} ${most} connections to terminals: close one before the next.`,
  );
}
