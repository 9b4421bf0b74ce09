import Docker from 'dockerode';
import type { Answer } from './stack.ts';
import { answering, http, SERVER } from './stack.ts';

const docker = new Docker({ socketPath: '/var/run/docker.sock' });
const MIB = 1_048_576;

/** The same work by hand: dockerode alone, same Engine, image and flags. */
export async function rawCreate(command: string[]): Promise<Docker.Container> {
  const container = await docker.createContainer({
    Image: 'sandboxed/sandbox:latest',
    Entrypoint: [],
    Cmd: command,
    User: '1000:1000',
    Labels: { 'sandboxed.bench': 'true' },
    HostConfig: {
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 2048 * MIB,
      MemorySwap: 2048 * MIB,
      NanoCpus: 2e9,
      PidsLimit: 1024,
      NetworkMode: 'sandboxed-sandboxes',
      Tmpfs: {
        '/tmp': 'rw,size=512m',
        '/home/sandbox': 'rw,size=64m,uid=1000',
      },
    },
  });
  await container.start();
  return container;
}

/** `docker exec true`, to its end. */
export async function rawExec(container: Docker.Container): Promise<void> {
  const exec = await container.exec({ Cmd: ['true'], AttachStdout: true });
  const stream = await exec.start({});
  stream.resume();
  await new Promise((resolve) => stream.once('end', resolve));
  await exec.inspect();
}

/** A container that serves, its address, and a way to ask it directly. */
export async function rawServer(): Promise<{
  readonly container: Docker.Container;
  readonly ask: () => Promise<Answer>;
}> {
  const container = await rawCreate(['/bin/bash', '-c', SERVER]);
  const ask = async (): Promise<Answer> => {
    const { NetworkSettings } = await container.inspect();
    const host = NetworkSettings.Networks['sandboxed-sandboxes']?.IPAddress;
    return http({ host: host ?? '', port: 3000, path: '/' });
  };
  await answering(ask);
  return { container, ask };
}

/** Its address, looked up once. */
export async function addressOf(container: Docker.Container): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  return NetworkSettings.Networks['sandboxed-sandboxes']?.IPAddress ?? '';
}
