import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DockerDriver } from '@sandboxed/docker';
import { createDockerDriver } from '@sandboxed/docker';
import type { ContainerSpec } from '@sandboxed/domain';
import {
  containerSpec,
  DEFAULT_LIMITS,
  networkNames,
  sandboxRecordSchema,
} from '@sandboxed/domain';
import { createEngine } from '../src/engine.ts';
import type { Place } from '../src/place.ts';
import { createSeenContainers } from '../src/seen-containers.ts';
import { serve } from '../src/serve.ts';
import { workerPolicy } from '../src/worker-policy.ts';
import { newId } from './valid-body.ts';

export const ENGINE = '/var/run/docker.sock';
export const IMAGE = 'sandboxed/base-debian:bookworm';

export interface Said {
  readonly status: number;
  readonly body: string;
}

/** One call through a socket. */
export async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
): Promise<Said> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const outgoing = request({
    ...{ socketPath, method, path, agent: false },
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(sent),
    },
  });
  outgoing.end(sent);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: incoming.statusCode ?? 0, body: await text(incoming) };
}

/** The socket of a proxy in front of the real Engine, for an installation of its own, and a worker's driver behind it. */
export interface RealProxy {
  readonly place: Place;
  readonly worker: string;
  readonly driver: DockerDriver;
  /** As a worker makes it of a sandbox, with its directories; with a program that every image has. */
  spec(address: string): Promise<ContainerSpec>;
  close(): Promise<void>;
}

export async function openRealProxy(): Promise<RealProxy> {
  const tag = randomBytes(3).toString('hex');
  const dataDir = await mkdtemp(join(tmpdir(), 'proxy-data-'));
  const place: Place = {
    instance: `test-${tag}`,
    dataDir,
    runtime: 'runc',
    bridgePrefix: tag,
  };
  const { open, isolated } = networkNames(place.instance, place.bridgePrefix);
  const engine = createEngine(ENGINE);
  const seen = createSeenContainers();
  const common = { engine, seen, instance: place.instance, dataDir };
  const logger = { warn: () => undefined };
  const worker = join(dataDir, 'worker');
  const server = await serve({
    ...{ ...common, logger, name: 'worker', socketPath: worker },
    policy: workerPolicy(place),
  });
  const driver = createDockerDriver({
    socketPath: worker,
    instance: place.instance,
    openNetwork: open.name,
    isolatedNetwork: isolated.name,
    bridges: { open: open.bridge, isolated: isolated.bridge },
  });
  const agentDir = join(dataDir, 'agent', '0123456789abcdef');
  await mkdir(agentDir, { recursive: true });
  return {
    place,
    worker,
    driver,
    async spec(address) {
      const id = newId();
      for (const folder of ['workspaces', 'run'])
        await mkdir(join(dataDir, folder, id), { recursive: true });
      const record = sandboxRecordSchema.parse({
        id,
        tenant: 'open',
        name: null,
        state: 'creating',
        state_reason: '',
        state_actor: 'test',
        error_code: null,
        error_message: null,
        image: IMAGE,
        template: null,
        ports: [3000, 8080],
        env_names: [],
        labels: {},
        limits: { ...DEFAULT_LIMITS, memory_mb: 64 },
        idle_policy: 'sleep',
        idle_timeout_seconds: 60,
        visibility: 'public',
        wake: 'on_request',
        egress: 'open',
        external: {},
        generation: 1,
        version: 1,
        has_workspace: true,
        preview_generation: 0,
        reserved_mb: 0,
        created_at: 0,
        updated_at: 0,
        last_active_at: 0,
        keepalive_until: null,
        stopped_at: null,
      });
      const host = {
        instance: place.instance,
        ...{ dataDir, agentDir, runtime: place.runtime },
        agentCommand: ['/opt/sandboxed/node', '/opt/sandboxed/agent.cjs'],
        openNetwork: open.name,
        isolatedNetwork: isolated.name,
        baseEnv: { LANG: 'C.UTF-8' },
        edge: { previewDomain: 'localhost', entrypoint: 'web', tls: true },
      };
      return {
        ...containerSpec(record, host, address),
        command: ['sleep', '300'],
      };
    },
    async close() {
      for (const each of await driver.list())
        await driver.removeExact(each.dockerId);
      for (const { name } of [open, isolated])
        await ask(ENGINE, 'DELETE', `/networks/${name}`);
      driver.close();
      server.closeAllConnections();
      server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
