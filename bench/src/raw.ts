import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { z } from 'zod';
import type { Answer } from './client.ts';
import { answering, http, SERVER } from './client.ts';
import { addressFromTop, rawBody, RAW_LABEL } from './raw-body.ts';

const USER = 1000;
const STOP_SECONDS = 10;
const IDLE = ['/bin/sleep', '1000000'];

/** A container by hand. */
export interface RawContainer {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Runs a command to its end; rejects unless it ends with 0. */
  readonly exec: (cmd: readonly string[]) => Promise<void>;
  /** Asks its app directly. */
  readonly ask: () => Promise<Answer>;
  readonly remove: () => Promise<void>;
}

/** The same work by hand: dockerode alone on the Engine's own socket, with containers like ours. */
export interface Raw {
  /** Creates and starts one that sleeps. */
  create(): Promise<RawContainer>;
  /** One that serves, and answers. */
  serve(): Promise<RawContainer>;
  /** Removes all that are left, and their files. */
  close(): Promise<void>;
}

/** Containers are like that of this sandbox, which has to exist. */
export async function createRaw(
  sandboxId: string,
  socketPath = '/var/run/docker.sock',
): Promise<Raw> {
  const docker = new Docker({ socketPath });
  const like: unknown = await docker
    .getContainer(`s-${sandboxId.toLowerCase()}`)
    .inspect();
  const network = z
    .object({ HostConfig: z.object({ NetworkMode: z.string() }) })
    .parse(like).HostConfig.NetworkMode;
  const { IPAM } = z
    .object({
      IPAM: z.object({ Config: z.tuple([z.object({ Subnet: z.string() })]) }),
    })
    .parse(await docker.getNetwork(network).inspect());
  const [{ Subnet: subnet }] = IPAM.Config;
  const home = await mkdtemp(join(tmpdir(), 'bench-raw-'));
  const run = home.slice(home.lastIndexOf('-') + 1);
  let made = 0;

  const create = async (command: readonly string[]): Promise<RawContainer> => {
    const address = addressFromTop(subnet, made);
    made += 1;
    // Ours makes its directories within the time that is measured, too.
    const directories = new Map<string, string>();
    for (const target of ['/home/sandbox', '/run/sandboxed']) {
      const directory = await mkdtemp(join(home, 'mount-'));
      await chown(directory, USER, USER);
      directories.set(target, directory);
    }
    const container = await docker.createContainer(
      rawBody(like, {
        ...{ command, address, run },
        writable: (target) => directories.get(target) ?? home,
      }),
    );
    await container.start();
    return {
      async start() {
        await container.start();
      },
      async stop() {
        await container.stop({ t: STOP_SECONDS });
      },
      async exec(cmd) {
        const exec = await container.exec({
          ...{ Cmd: [...cmd], AttachStdout: true, AttachStderr: true },
        });
        const stream = await exec.start({});
        stream.resume();
        await new Promise((resolve, reject) => {
          stream.once('end', resolve);
          stream.once('error', reject);
        });
        const { ExitCode: code } = await exec.inspect();
        if (code !== 0) throw new Error(`raw exec ended with ${code ?? '?'}`);
      },
      ask: () => http(`http://${address}:3000/`),
      async remove() {
        await container.remove({ force: true });
      },
    };
  };
  return {
    create: () => create(IDLE),
    async serve() {
      const container = await create(['/bin/bash', '-c', SERVER]);
      await answering(container.ask);
      return container;
    },
    async close() {
      const left = await docker.listContainers({
        all: true,
        filters: { label: [`${RAW_LABEL}=${run}`] },
      });
      await Promise.all(
        left.map(({ Id }) => docker.getContainer(Id).remove({ force: true })),
      );
      await rm(home, { recursive: true, force: true });
    },
  };
}
