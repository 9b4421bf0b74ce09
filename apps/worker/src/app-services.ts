import { isDeepStrictEqual } from 'node:util';
import type { AgentClient, AgentHealth } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type {
  AppFacts,
  AppPlan,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import { DomainError, NO_FACTS, planApp } from '@sandboxed/domain';
import { asDomainError } from '@sandboxed/jobs';
import type { Store } from '@sandboxed/store';

/** How often services may be declared anew while others are handed over. */
const MAX_ROUNDS = 10;

type AppAgent = Pick<AgentClient, 'app' | 'boot' | 'health'>;

/** What it takes to run an app's services: a part of the worker's own. */
export interface AppDeps {
  readonly store: {
    readonly services: Pick<Store['services'], 'list'>;
    readonly sandboxes: Pick<Store['sandboxes'], 'env'>;
  };
  readonly agents: { client(id: SandboxId): AppAgent };
}

/**
 * Makes a running sandbox serve what its app directory and its declared services say now; what is unchanged runs on.
 * Throws the agent's failures as DomainErrors.
 */
export async function applyApp(
  { store, agents }: AppDeps,
  id: SandboxId,
  /** Of the app directory, where they have just been read. */
  known?: AppFacts,
): Promise<AppPlan> {
  const agent = agents.client(id);
  const facts = known ?? (await readFacts(agent));
  let declared = store.services.list(id);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const plan = planApp(facts, declared);
    await handOver(agent, store.sandboxes.env(id), plan);
    // Two jobs may be here at once, and the later word to the agent must be the newer one.
    const now = store.services.list(id);
    if (isDeepStrictEqual(now, declared)) return plan;
    declared = now;
  }
  throw new DomainError(
    'busy',
    'The services of this sandbox keep changing. Change them one after the other.',
  );
}

/** What the app directory and the declared services say, without a change to what runs. */
export async function readPlan(
  { store, agents }: AppDeps,
  id: SandboxId,
): Promise<AppPlan> {
  const facts = await readFacts(agents.client(id));
  return planApp(facts, store.services.list(id));
}

/**
 * {@link applyApp} for an agent that has just come up: it is given the sandbox's template first, so that what the template brings
 * is served, too.
 */
export async function startApp(
  deps: AppDeps,
  { id, template }: Pick<SandboxRecord, 'id' | 'template'>,
  /** What the agent has just said; it is asked when left out. */
  said?: Pick<AgentHealth, 'booted' | 'app'>,
): Promise<AppPlan> {
  if (template === null || template === 'blank')
    return applyApp(deps, id, said?.app);
  const agent = deps.agents.client(id);
  const { booted } = said ?? (await agent.health().catch(asDomainError));
  if (booted) return applyApp(deps, id, said?.app);
  // What it has begun with already, see `layHeadStart`, is not to be taken away by this.
  const facts = said?.app ?? (await readFacts(agent));
  const plan = planApp(facts, deps.store.services.list(id));
  await handOver(agent, deps.store.sandboxes.env(id), plan, template);
  return applyApp(deps, id);
}

async function handOver(
  agent: AppAgent,
  env: Record<string, string>,
  { services }: AppPlan,
  template?: string,
): Promise<void> {
  await agent
    .boot({
      ...{ env, services: services.map((service) => ({ ...service })) },
      ...(template !== undefined && { template }),
    })
    .catch(asDomainError);
}

/** An agent that was started before it could tell says nothing of the app: only declared services run then. */
async function readFacts(agent: AppAgent): Promise<AppFacts> {
  try {
    return await agent.app();
  } catch (error) {
    if (error instanceof AgentError && error.code === 'agent_not_found')
      return NO_FACTS;
    return asDomainError(error);
  }
}
