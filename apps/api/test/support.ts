import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { JobId, Nudge, SandboxId } from '@sandboxed/domain';
import { sandboxIdSchema } from '@sandboxed/domain';
import { Turns } from '@sandboxed/files';
import type { Bus, Producer } from '@sandboxed/queue';
import type { Store } from '@sandboxed/store';
import { openStore } from '@sandboxed/store';
import { pino } from 'pino';
import { monotonicFactory, ulid } from 'ulid';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import { apiConfigSchema } from '../src/config.ts';
import { createMeter } from '../src/http/meter.ts';
import { isTerminalUpgrade, serveUpgrades } from '../src/http/upgrades.ts';
import { createRequestFigures } from '../src/http/request-figures.ts';
import type { ApiDeps } from '../src/http/route.ts';
import { createKeptAgents } from '../src/kept-agents.ts';
import { createHub } from '../src/hub.ts';
import { createPasses } from '../src/previews/passes.ts';
import { NO_TRACING } from '@sandboxed/runtime';
import { createWakeFigures } from '../src/wake/wake-figures.ts';
import { noDirectRuns } from './no-direct-runs.ts';
import { createOpenTerminals } from '../src/terminal/open-terminals.ts';
import { createTickets } from '../src/terminal/tickets.ts';
import { afterwards } from '../../../libs/queue/test/support.ts';

const PREVIEW_SECRET = Buffer.alloc(32, 7);

export { afterwards, cleanUp } from '../../../libs/queue/test/support.ts';

/** What the process under test works with, and what it did with its outside. */
export interface World extends ApiDeps {
  readonly dataDir: string;
  /** Lines of its log. */
  readonly log: readonly string[];
  /** Jobs whose worker was told to cancel. */
  readonly cancels: readonly JobId[];
  /** Makes Redis unreachable. */
  readonly loseRedis: () => void;
}

/** A store on disk, and a bus and a queue in memory. */
export async function world(
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'api-'));
  afterwards(() => rm(dataDir, { recursive: true, force: true }));
  const cancels: JobId[] = [];
  const bus = busInMemory(cancels);
  const store = openStore({
    path: join(dataDir, 'test.sqlite'),
    keyFile: join(dataDir, 'secret.key'),
    onCommit: ({ nudges }) => void bus.publish(nudges),
    onError: (error) => {
      throw error;
    },
  });
  afterwards(() => {
    store.close();
  });
  const hub = createHub(bus, store);
  afterwards(() => {
    hub.close();
  });
  const agents = createKeptAgents(dataDir, 8);
  afterwards(() => {
    agents.close();
  });
  const log: string[] = [];
  let redis = true;
  return {
    dataDir,
    log,
    cancels,
    loseRedis: () => {
      redis = false;
    },
    config: apiConfigSchema.parse({ SANDBOXED_DATA_DIR: dataDir, ...settings }),
    store,
    bus,
    hub,
    direct: noDirectRuns,
    meter: createMeter(),
    requestFigures: createRequestFigures(),
    wakeFigures: createWakeFigures(),
    tracing: NO_TRACING,
    board: () => Promise.reject(new Error('no Redis')),
    producer: queue(() => redis),
    origin: { domain: 'localhost', scheme: 'http', port: 80 },
    turns: new Turns(),
    passes: createPasses(() => PREVIEW_SECRET),
    tickets: createTickets(Date.now),
    terminals: createOpenTerminals(),
    agent: (id) => agents.client(id),
    now: Date.now,
    newId: monotonicFactory(),
    logger: pino(
      { level: 'debug' },
      new Writable({
        write(line: Buffer, _encoding, done) {
          log.push(line.toString());
          done();
        },
      }),
    ),
    version: 'test',
    docsDir: join(import.meta.dirname, '../../../node_modules/swagger-ui-dist'),
    consoleDir: join(import.meta.dirname, 'not-built'),
    reach: () => undefined,
  };
}

function busInMemory(cancels: JobId[]): Bus {
  const listeners = new Set<(nudge: Nudge) => void>();
  return {
    publish(nudges) {
      for (const nudge of nudges)
        for (const listener of listeners) listener(nudge);
      return Promise.resolve();
    },
    publishCancel(id) {
      cancels.push(id);
      return Promise.resolve();
    },
    onNudge(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onCancel: () => () => undefined,
    onReconnect: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

function queue(isUp: () => boolean): Producer {
  const none = { waiting: 0, active: 0 };
  const answer = <T>(value: T): Promise<T> =>
    isUp() ? Promise.resolve(value) : Promise.reject(new Error('no Redis'));
  return {
    offer: () => answer(undefined),
    offerAgain: () => answer(undefined),
    depths: () => answer({ lifecycle: none, exec: none, task: none }),
    ping: () => answer(undefined),
    close: () => Promise.resolve(),
  };
}

/** Listens on a port of loopback until the test ends. Answers the port. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server has no port');
  return address.port;
}

/** An answer of the API, its JSON parsed; `{}` for one without. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls the API: `'POST /sandbox'`, a body of JSON, further headers. */
export type Api = (
  call: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** The API of a world behind a real listener. */
export async function listen(deps: ApiDeps): Promise<Api & { url: string }> {
  const app = createApp(deps);
  const server = createServer(
    { shouldUpgradeCallback: isTerminalUpgrade },
    app,
  );
  serveUpgrades(server, app);
  const port = await listening(server);
  const url = `http://127.0.0.1:${port}`;
  const api: Api = async (call, body, headers = {}) => {
    const [method = '', path = ''] = call.split(' ');
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const parsed: unknown =
      type.includes('json') && text !== '' ? JSON.parse(text) : {};
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: z.record(z.string(), z.unknown()).parse(parsed),
    };
  };
  return Object.assign(api, { url });
}

/** Creates a sandbox over the API and lets its create succeed. */
export async function running(
  { store, now }: ApiDeps,
  api: Api,
  body: object = {},
): Promise<SandboxId> {
  const { body: made } = await api('POST /sandbox', body);
  const id = sandboxIdSchema.parse(made['id']);
  store.sandboxes.transition(id, 'ready', {
    actor: 'test',
    reason: 'test',
    now: now(),
  });
  finish(store, id);
  return id;
}

/** Lets the first unfinished job of a sandbox end, as a worker would. */
export function finish(
  store: Store,
  id: SandboxId,
  outcome: Parameters<Store['jobs']['finish']>[1] = {
    status: 'succeeded',
    result: {},
  },
): JobId {
  const [first] = store.jobs.mailbox(id);
  if (first === undefined) throw new Error(`${id} has no unfinished job`);
  const claim = store.jobs.claim(first.id, 'worker', Date.now());
  if (claim === undefined) throw new Error(`${first.id} cannot be claimed`);
  store.jobs.finish(claim, outcome, Date.now());
  return first.id;
}

/** The id of no sandbox. */
export const noSandbox = (): SandboxId => sandboxIdSchema.parse(ulid());
