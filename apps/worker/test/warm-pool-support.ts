import type { JobId, SandboxId } from '@sandboxed/domain';
import {
  containerName,
  createRequestSchema,
  DEFAULT_LIMITS,
  defaultPoolSpec,
  DomainError,
  poolKey,
} from '@sandboxed/domain';
import type { WorkerDeps } from '../src/context.ts';
import type { World } from './support.ts';
import { submit, world } from './support.ts';

export const POOL = { size: 2, image: 'image' };
/** Of a worker that does not go away. */
export const RUNNING = new AbortController().signal;
export const KEY = poolKey(defaultPoolSpec('image'));

const FRESH = {
  ...{ protocol: 1, version: '1', pid: 1, started_at_ms: 1 },
  booted: false,
};

/** Agents that answer in every container that runs, unless they are made to be silent. */
export function pooled(overrides: Partial<WorkerDeps> = {}) {
  const place = world(overrides);
  const silent = new Set<SandboxId>();
  const answers = (id: SandboxId): boolean =>
    place.deps.docker.running.has(containerName(id)) && !silent.has(id);
  const deps: WorkerDeps = {
    ...place.deps,
    agents: {
      ...place.deps.agents,
      waitReady: (id) =>
        answers(id)
          ? Promise.resolve(FRESH)
          : Promise.reject(new DomainError('agent_unreachable', 'silent')),
      warmUp: () => Promise.resolve(),
      isBooted: (id) => Promise.resolve(answers(id) ? false : undefined),
    },
  };
  return { place, deps, silent };
}

export const members = ({ store }: World) => store.warmPool.all();
export const states = (place: World) =>
  members(place).map(({ state }) => state);

/** Another worker's view of the pool a while later. */
export const later = (deps: WorkerDeps, ms: number): WorkerDeps => ({
  ...deps,
  now: () => Date.now() + ms,
});

/** What the api does with a create that fits: the sandbox and its job. */
export function claimed(place: World): {
  readonly id: SandboxId;
  readonly job: JobId;
} {
  const { store } = place;
  return store.transaction(() => {
    const member = store.warmPool.claim(KEY);
    if (member === undefined) throw new Error('there is no member');
    const { id, generation } = member;
    const request = createRequestSchema.parse({});
    store.sandboxes.insert(
      {
        ...request,
        id,
        ...{ tenant: 'open', name: null, image: 'image', template: null },
        ...{ limits: DEFAULT_LIMITS, idle_timeout_seconds: 60 },
      },
      {},
      { actor: 'test', now: Date.now(), generation },
    );
    return { id, job: submit(place, id, 'create', {}) };
  });
}
