import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createAgentClient } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import { Turns } from '@sandboxed/files';
import { workspaceDir } from '@sandboxed/domain';
import type { Bus, Producer } from '@sandboxed/queue';
import type { Store } from '@sandboxed/store';
import { pino } from 'pino';
import {
  newSandbox,
  nextId,
  sandboxId,
  temporary,
} from '../../../libs/store/test/open.ts';
import { createApp } from '../src/app.ts';
import { apiConfigSchema } from '../src/config.ts';
import { createMeter } from '../src/http/meter.ts';
import { createRequestFigures } from '../src/http/request-figures.ts';
import { createHub } from '../src/hub.ts';
import { createPasses } from '../src/previews/passes.ts';
import { NO_TRACING } from '@sandboxed/runtime';
import { createWakeFigures } from '../src/wake/wake-figures.ts';
import { noDirectRuns } from './no-direct-runs.ts';
import { createOpenTerminals } from '../src/terminal/open-terminals.ts';
import { createTickets } from '../src/terminal/tickets.ts';

const PREVIEW_SECRET = Buffer.alloc(32, 7);

const nothing = (): void => undefined;
const none = (): Promise<void> => Promise.resolve();

const producer: Producer = {
  offer: none,
  offerAgain: none,
  depths: () => Promise.reject(new Error('there is no Redis here')),
  ping: none,
  close: none,
};
const bus: Bus = {
  publish: none,
  publishCancel: none,
  onNudge: () => nothing,
  onCancel: () => nothing,
  onReconnect: () => nothing,
  close: none,
};

/** The API over a real store and real directories, without Redis and workers. */
export interface Served {
  readonly url: string;
  readonly store: Store;
  /** A sandbox that was just created, with its home made as the worker does. */
  sandbox(): Promise<{ readonly id: SandboxId; readonly app: string }>;
  close(): Promise<void>;
}

export async function serve(): Promise<Served> {
  const files = temporary();
  const store = files.open();
  const hub = createHub(bus, store);
  const app = createApp({
    config: apiConfigSchema.parse({
      SANDBOXED_DATA_DIR: files.dir,
      SANDBOXED_UPLOAD_MAX_MB: '2',
    }),
    store,
    producer,
    bus,
    hub,
    direct: noDirectRuns,
    meter: createMeter(),
    requestFigures: createRequestFigures(),
    wakeFigures: createWakeFigures(),
    tracing: NO_TRACING,
    board: () => Promise.reject(new Error('no Redis')),
    origin: { domain: 'localhost', scheme: 'http', port: 80 },
    turns: new Turns(),
    passes: createPasses(() => PREVIEW_SECRET),
    tickets: createTickets(Date.now),
    terminals: createOpenTerminals(),
    agent: () => createAgentClient({ socketPath: join(files.dir, 'none') }),
    now: Date.now,
    newId: nextId,
    logger: pino({ level: 'silent' }),
    version: 'test',
    docsDir: join(import.meta.dirname, '../../../node_modules/swagger-ui-dist'),
    consoleDir: join(import.meta.dirname, 'not-built'),
    reach: () => undefined,
  });
  const server = createServer({ requestTimeout: 0 }, app);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    async sandbox() {
      const id = sandboxId();
      store.sandboxes.insert(newSandbox(id), {}, { actor: 'test', now: 1_000 });
      const home = workspaceDir(files.dir, id);
      await mkdir(home, { recursive: true });
      return { id, app: join(home, 'workspace/app') };
    },
    async close() {
      hub.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      files.clean();
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object')
        resolve(address.port);
    });
  });
}
