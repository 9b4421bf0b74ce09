import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  FindingKind,
  JobId,
  JobKind,
  JobPayload,
  SandboxId,
} from '@sandboxed/domain';
import {
  agentSocket,
  containerName,
  createRequestSchema,
  DEFAULT_LIMITS,
  jobIdSchema,
  sandboxIdSchema,
} from '@sandboxed/domain';
import type { JobRunner } from '@sandboxed/jobs';
import { createJobFigures } from '@sandboxed/jobs';
import type { NewSandbox, Store } from '@sandboxed/store';
import { openStore } from '@sandboxed/store';
import { pino } from 'pino';
import { ulid } from 'ulid';
import { createAgents } from '../src/agents.ts';
import type { WorkerDeps } from '../src/context.ts';
import { createStillRuns } from '../src/still-runs.ts';
import type { WorkerSettings } from '../src/worker-runner.ts';
import { createWorkerRunner } from '../src/worker-runner.ts';
import { createWorkspaces } from '../src/workspaces.ts';
import type { FakeDocker } from './fake-docker.ts';
import { fakeDocker } from './fake-docker.ts';

const undo: (() => unknown)[] = [];

/** Call in `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const work of undo.splice(0).reverse()) await work();
}

/** Done when the test is over. */
export function afterwards(work: () => unknown): void {
  undo.push(work);
}

/** Resolves as soon as `condition` holds; rejects after 10 s. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not so in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a test works with: a real database and real agent clients, no Engine. */
export interface World {
  readonly deps: Omit<WorkerDeps, 'docker'> & { readonly docker: FakeDocker };
  readonly store: Store;
  readonly dataDir: string;
  runner(overrides?: Partial<WorkerDeps & WorkerSettings>): JobRunner;
}

export function world(overrides: Partial<WorkerDeps> = {}): World {
  const dataDir = mkdtempSync(join(tmpdir(), 'worker-'));
  undo.push(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  const store = openStore({
    path: join(dataDir, 'test.sqlite'),
    keyFile: join(dataDir, 'secret.key'),
    onCommit: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  undo.push(() => {
    store.close();
  });
  const agents = createAgents(dataDir);
  undo.push(() => {
    agents.close();
  });
  const docker = fakeDocker((id) => store.sandboxes.get(id)?.generation ?? 1);
  const deps = {
    store,
    agents,
    isRunning: createStillRuns(docker),
    // Directories of the tenant's take root to make; the sockets of the tests are made by the tests.
    workspaces: {
      ...createWorkspaces(dataDir, () => undefined),
      prepare: () => Promise.resolve(),
    },
    edge: {
      route: () => undefined,
      isRouted: () => true,
      unroute: () => undefined,
      shut: () => undefined,
      read: () => Promise.resolve(),
      clear: () => undefined,
      clearLater: () => undefined,
      close: () => undefined,
    },
    firewall: { stands: () => Promise.resolve() },
    host: {
      instance: 'test',
      dataDir,
      agentDir: '/nowhere',
      agentCommand: ['/nowhere'],
      runtime: 'runc',
      openNetwork: 'open',
      isolatedNetwork: 'isolated',
      baseEnv: {},
      edge: { previewDomain: 'localhost', entrypoint: 'web', tls: false },
    },
    origin: { domain: 'localhost', scheme: 'http', port: 80 },
    figures: createJobFigures(),
    hostMemory: () => ({ totalMb: 65_536, availableMb: 65_536 }),
    startWaitMs: 60_000,
    now: Date.now,
    logger: pino({ level: 'silent' }),
    reach: () => undefined,
    ...overrides,
    docker,
  } as const;
  return {
    deps,
    store,
    dataDir,
    runner: (overrides) =>
      createWorkerRunner({ ...deps, workerId: 'test', ...overrides }),
  };
}

/** A sandbox in state `creating`. */
export function newSandbox(
  { store }: World,
  overrides: Partial<NewSandbox> = {},
): SandboxId {
  const id = overrides.id ?? sandboxIdSchema.parse(ulid());
  const request = createRequestSchema.parse({});
  store.sandboxes.insert(
    {
      ...request,
      id,
      tenant: 'open',
      name: null,
      image: 'image',
      template: null,
      limits: DEFAULT_LIMITS,
      idle_timeout_seconds: 60,
      ...overrides,
    },
    {},
    { actor: 'test', now: Date.now() },
  );
  return id;
}

/** A sandbox in state `running`, with a container that runs. */
export function runningSandbox(
  place: World,
  overrides: Partial<NewSandbox> = {},
): SandboxId {
  const id = newSandbox(place, overrides);
  place.store.sandboxes.transition(id, 'ready', {
    actor: 'test',
    reason: 'test',
    now: Date.now(),
  });
  place.deps.docker.running.add(containerName(id));
  return id;
}

export function submit<K extends JobKind>(
  { store }: World,
  sandboxId: SandboxId,
  kind: K,
  payload: JobPayload<K>,
): JobId {
  const id = jobIdSchema.parse(ulid());
  store.jobs.submit({
    id,
    sandboxId,
    kind,
    payload,
    requestedBy: 'test',
    now: Date.now(),
  });
  return id;
}

/** What reconciling told of a sandbox, each as `kind action`. */
export function findings({ store }: World, sandboxId: SandboxId): string[] {
  return store.events
    .after({ sandboxId }, 0, 1_000)
    .filter(({ type }) => type === 'finding')
    .map(({ data }) => `${String(data['kind'])} ${String(data['action'])}`);
}

/** What reconciling counted. */
export function counted({
  store,
}: World): Partial<Record<FindingKind, number>> {
  return Object.fromEntries(
    store.findings
      .counts()
      .filter(({ n }) => n > 0)
      .map(({ kind, n }) => [kind, n]),
  );
}

/** An agent in a sandbox without an app. */
export async function agentThatServes(
  place: World,
  id: SandboxId,
): Promise<void> {
  await standIn(place, id, (request, response) => {
    const [path] = (request.url ?? '').split('?');
    const answer =
      path === '/v1/health'
        ? { protocol: 1, version: '1', pid: 1, started_at_ms: 1, booted: true }
        : path === '/v1/app'
          ? { present: [], texts: {} }
          : {};
    response.end(JSON.stringify(answer));
  });
}

/** Listens where the agent of a sandbox would: what a tenant can put in its place. */
export async function standIn(
  { dataDir }: World,
  id: SandboxId,
  answer: RequestListener,
): Promise<void> {
  const path = agentSocket(dataDir, id);
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  undo.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
}
