import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { agentSource } from './agent-source.ts';
import { bundle } from './bundle.ts';
import type { Child, Exit } from './child.ts';
import { supervise } from './child.ts';
import { removeInstance } from './docker.ts';
import { startEdge } from './edge.ts';
import { freePorts } from './free-ports.ts';
import { madeAgent } from './made-agent.ts';
import { nodeFlags } from './node-flags.ts';
import { startSocketProxy } from './socket-proxy.ts';

const run = promisify(execFile);
const READY_MS = 90_000;

/**
 * A whole stack of a test's own beside whatever is installed: redis, api, workers and reaper as child processes, Traefik as
 * a container, with ports, data directory, Docker label and networks of its own. A process that ends is started again.
 */
export interface OwnStack {
  /** The API, without a slash at the end. */
  readonly api: string;
  /** Traefik's port on the loopback interface. */
  readonly edgePort: number;
  readonly dataDir: string;
  readonly database: string;
  /** Value of the label `sandboxed.instance` on all its containers and networks. */
  readonly instance: string;
  readonly redisPort: number;
  /** Between the Engine and the workers; not one of {@link OwnStack.children}. */
  readonly socketProxy: Child;
  /** `redis`, `api`, `reaper`, `worker-1`… */
  readonly children: ReadonlyMap<string, Child>;
  child(name: string): Child;
  workers(): readonly Child[];
  /** Every end of a process so far, oldest first. */
  readonly exits: readonly Exit[];
  /** Kills redis and starts it with nothing in it. */
  emptyRedis(): Promise<void>;
  /** Where crash points are armed; a process that took one has its id in `<point>.pid` there. */
  readonly crashDir: string;
  /** What process passes the crash point next sends itself the signal. */
  arm(point: string, signal?: 'SIGKILL' | 'SIGSTOP'): Promise<void>;
  disarm(point: string): Promise<void>;
  /** Clocks of api, workers and reaper are off by this much, within 50 ms. */
  shiftClock(offsetMs: number): Promise<void>;
  /** Resolves when the API says it is ready; rejects after 30 s with the last lines of the logs. */
  ready(): Promise<void>;
  /** The last lines of what a process wrote. */
  log(name: string, lines?: number): Promise<string>;
  /** Ends all processes and removes containers, networks and files. */
  close(options?: {
    /** Leaves data directory and logs to be looked at. */
    readonly keepFiles?: boolean;
  }): Promise<void>;
}

export interface OwnStackOptions {
  readonly workers?: number;
  /** Further settings of api, workers and reaper; `SANDBOXED_DOCKER_SOCKET` is what the socket proxy takes for the Engine's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the api alone. */
  readonly apiEnv?: Readonly<Record<string, string>>;
  /** Puts the data directory on a file system of this size. MiB; the resident agent takes about 130. */
  readonly diskMb?: number;
  /** How long Traefik sits on news after it took some; as compose.yaml has it when left out. Milliseconds. */
  readonly edgeThrottleMs?: number;
  /** Previews are served over TLS on the edge's port, with a certificate that nobody signed. */
  readonly tls?: boolean;
  /** Its programs keep their lines and the names of their files: profiles tell by them what costs. */
  readonly readable?: boolean;
}

export async function startOwnStack(
  options: OwnStackOptions = {},
): Promise<OwnStack> {
  const root = join(import.meta.dirname, '../../..');
  const node = process.execPath;
  const agent = madeAgent(
    root,
    await bundle(root, options.readable === true ? ['--readable'] : []),
  );
  const instance = `own-${randomBytes(3).toString('hex')}`;
  const home = await mkdtemp(join(tmpdir(), `${instance}-`));
  const dataDir = join(home, 'data');
  await mkdir(dataDir);
  if (options.diskMb !== undefined)
    await run('mount', [
      ...['-t', 'tmpfs', '-o', `size=${options.diskMb}m`, instance, dataDir],
    ]);
  await agent.give(dataDir);
  const crashDir = join(home, 'crash');
  const clockFile = join(home, 'clock');
  const redisDir = join(home, 'redis');
  for (const directory of [crashDir, redisDir]) await mkdir(directory);
  await writeFile(clockFile, '0');
  const [apiPort, wakePort, edgePort, pingPort, redisPort] = atLeastFive(
    await freePorts(5),
  );

  const { tls = false } = options;
  const exits: Exit[] = [];
  const children = new Map<string, Child>();
  const begin = (
    name: string,
    command: readonly [string, ...string[]],
    env: Readonly<Record<string, string>> = {},
  ): void => {
    children.set(
      name,
      supervise({
        name,
        command,
        env,
        logFile: join(home, `${name}.log`),
        onExit: (exit) => exits.push(exit),
      }),
    );
  };
  const common: Readonly<Record<string, string>> = {
    SANDBOXED_DATA_DIR: dataDir,
    SANDBOXED_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    SANDBOXED_INSTANCE: instance,
    SANDBOXED_BRIDGE_PREFIX: instance.slice('own-'.length),
    SANDBOXED_CRASH_DIR: crashDir,
    TEST_CLOCK_FILE: clockFile,
    SANDBOXED_LISTEN_HOST: '127.0.0.1',
    SANDBOXED_API_PORT: String(apiPort),
    SANDBOXED_WAKE_PORT: String(wakePort),
    SANDBOXED_API_BIND: `127.0.0.1:${apiPort}`,
    SANDBOXED_EDGE_URL: `${tls ? 'https' : 'http'}://127.0.0.1:${edgePort}`,
    SANDBOXED_AGENT_SOURCE: await agentSource(root, home),
    SANDBOXED_HEALTH_FILE: join(home, 'healthy'),
    SANDBOXED_REAP_INTERVAL_SECONDS: '5',
    HTTP_PORT: String(edgePort),
    ...(tls && {
      PREVIEW_TLS: 'true',
      PREVIEW_ENTRYPOINT: 'websecure',
      HTTPS_PORT: String(edgePort),
    }),
    ...options.env,
  };
  const socketProxy = await startSocketProxy({
    program: join(root, 'dist/socket-proxy.mjs'),
    home,
    env: common,
    onExit: (exit) => exits.push(exit),
  });
  const flagsOf = await nodeFlags(root);
  const ours = (
    name: string,
    bundle: string,
    env: Readonly<Record<string, string>> = {},
  ): void => {
    begin(
      name,
      [
        ...([
          node,
          '--import',
          join(import.meta.dirname, 'clock.mjs'),
        ] as const),
        ...flagsOf(bundle),
        join(root, `dist/${bundle}.mjs`),
      ],
      {
        ...common,
        SANDBOXED_DOCKER_SOCKET: socketProxy.workerSocket,
        ...env,
      },
    );
  };
  begin('redis', [
    ...(['redis-server', '--bind', '127.0.0.1'] as const),
    ...['--port', String(redisPort), '--dir', redisDir, '--save', ''],
    ...['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'],
  ]);
  ours('api', 'api', options.apiEnv);
  for (let index = 1; index <= (options.workers ?? 2); index += 1)
    ours(`worker-${index}`, 'worker');
  ours('reaper', 'reaper');

  const child = (name: string): Child => {
    const found = children.get(name);
    if (found === undefined) throw new Error(`there is no process ${name}`);
    return found;
  };
  const log = async (name: string, lines = 20): Promise<string> => {
    const text = await readFile(join(home, `${name}.log`), 'utf8').catch(
      () => '',
    );
    return text.split('\n').slice(-lines).join('\n');
  };
  const api = `http://127.0.0.1:${apiPort}`;

  const stack: OwnStack = {
    api,
    edgePort,
    dataDir,
    database: join(dataDir, 'db/sandboxed.sqlite'),
    instance,
    redisPort,
    socketProxy: socketProxy.child,
    children,
    child,
    workers: () =>
      [...children.values()].filter(({ name }) => name.startsWith('worker-')),
    exits,
    crashDir,
    async emptyRedis() {
      await child('redis').down('SIGKILL');
      await rm(redisDir, { recursive: true, force: true });
      await mkdir(redisDir);
      child('redis').up();
    },
    arm: (point, signal = 'SIGKILL') =>
      writeFile(join(crashDir, point), signal),
    disarm: (point) => rm(join(crashDir, point), { force: true }),
    shiftClock: async (offsetMs) => {
      await writeFile(clockFile, String(offsetMs));
      await pause(100);
    },
    async ready() {
      const deadline = performance.now() + READY_MS;
      let said = 'nothing';
      while (performance.now() < deadline) {
        said = await fetch(`${api}/readyz`, {
          signal: AbortSignal.timeout(3_000),
        }).then((response) => response.text(), String);
        if (said.trim() === 'ready') return;
        await pause(50);
      }
      const logs = await Promise.all(
        [...children.keys()].map(async (name) => `${name}: ${await log(name)}`),
      );
      throw new Error(`not ready: ${said}\n${logs.join('\n')}`);
    },
    log,
    async close({ keepFiles = false } = {}) {
      // Redis last: the others say goodbye to it.
      const all = [...children.values()].filter(({ name }) => name !== 'redis');
      await Promise.all(all.map((each) => each.down('SIGTERM')));
      await child('redis').down('SIGKILL');
      await socketProxy.child.down('SIGTERM');
      await removeInstance(instance);
      if (options.diskMb !== undefined) await run('umount', [dataDir]);
      if (!keepFiles) await rm(home, { recursive: true, force: true });
    },
  };
  try {
    await startEdge({
      ...{ root, dataDir, instance, port: edgePort, pingPort, wakePort },
      throttleMs: options.edgeThrottleMs ?? 2,
      tls,
    });
    await stack.ready();
    await agent.keep(dataDir);
  } catch (error) {
    await stack.close();
    throw error;
  }
  return stack;
}

function atLeastFive(
  ports: readonly number[],
): readonly [number, number, number, number, number] {
  const [a, b, c, d, e] = ports;
  if (
    a === undefined ||
    b === undefined ||
    c === undefined ||
    d === undefined ||
    e === undefined
  )
    throw new Error('no five free ports');
  return [a, b, c, d, e];
}
