import type { AppFacts, ServiceState } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type {
  DeclaredService,
  SandboxRecord,
  ServiceSource,
} from '@sandboxed/domain';
import { NO_FACTS, planApp, SERVICE_SOURCES } from '@sandboxed/domain';
import { z } from 'zod';
import type { ApiDeps } from './http/route.ts';

const AGENT_MS = 2_000;

/** A service as clients see it. */
export const serviceViewSchema = z.looseObject({
  name: z.string(),
  source: z.enum(SERVICE_SOURCES),
  command: z.string(),
  port: z.int().optional(),
  cwd: z.string().optional(),
  env_names: z.array(z.string()),
  /** `overridden`: declared, but sandbox.yaml has its name or port. */
  status: z.string(),
});
type ServiceView = z.output<typeof serviceViewSchema>;

/** The services of a sandbox; `problem` is what keeps its sandbox.yaml or package.json from being understood. */
export const servicesViewSchema = z.object({
  items: z.array(serviceViewSchema),
  problem: z.string().optional(),
});

/** What a sandbox's agent says of its services and of the app. */
export interface Told {
  readonly services: readonly ServiceState[];
  readonly facts: AppFacts;
}

/** Asks the agent; undefined when the sandbox sleeps or does not answer. */
export async function askAgent(
  { agent }: Pick<ApiDeps, 'agent'>,
  sandbox: SandboxRecord,
): Promise<Told | undefined> {
  if (sandbox.state !== 'running') return undefined;
  const client = agent(sandbox.id);
  const signal = AbortSignal.timeout(AGENT_MS);
  try {
    const [services, facts] = await Promise.all([
      client.services({ signal }),
      client.app({ signal }).catch(factsUnknown),
    ]);
    return { services, facts };
  } catch (error) {
    if (
      error instanceof AgentError ||
      (error instanceof Error && error.name === 'TimeoutError')
    )
      return undefined;
    throw error;
  }
}

/** Declared services, and the others that run. */
export function servicesView(
  sandbox: Pick<SandboxRecord, 'state'>,
  declared: readonly DeclaredService[],
  told: Told | undefined,
): z.output<typeof servicesViewSchema> {
  const plan = planApp(told?.facts ?? NO_FACTS, declared);
  const running = told?.services ?? [];
  const own = declared.flatMap(({ name, spec }): ServiceView[] => {
    const state = running.find((service) => service.name === name);
    // The manifest took the name: its service is shown in place of this one.
    if (state !== undefined && sourceOf(state) !== 'declared') return [];
    const { env, ...shown } = spec;
    const waiting = sandbox.state === 'running' ? 'starting' : 'stopped';
    return [
      {
        status: plan.overridden.includes(name) ? 'overridden' : waiting,
        ...state,
        name,
        ...shown,
        source: 'declared',
        env_names: namesOf(env),
      },
    ];
  });
  const found = running
    .filter((state) => sourceOf(state) !== 'declared')
    .map((state): ServiceView => {
      const planned = plan.services.find(({ name }) => name === state.name);
      return {
        ...state,
        source: sourceOf(state),
        env_names: namesOf(planned?.env),
      };
    });
  return {
    items: [...own, ...found].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(plan.problem !== undefined && { problem: plan.problem }),
  };
}

/** An agent that is older than the question. */
function factsUnknown(error: unknown): AppFacts {
  if (error instanceof AgentError && error.code === 'agent_not_found')
    return { present: [], texts: {} };
  throw error;
}

const sourceSchema = z.enum(SERVICE_SOURCES).catch('declared');

/** An older agent knows declared services alone, and of no source. */
function sourceOf({ source }: ServiceState): ServiceSource {
  return sourceSchema.parse(source);
}

const namesOf = (env: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(env).sort();
