import type { ContainerSpec } from '@sandboxed/domain';
import {
  DomainError,
  MIB,
  nextAddress,
  formatAddress,
} from '@sandboxed/domain';
import Dockerode from 'dockerode';
import { randomBytes } from 'node:crypto';
import type { DockerDriver } from '../src/index.ts';
import { createDockerDriver } from '../src/index.ts';

export const IMAGE = 'sandboxed/base-debian:bookworm';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A driver of an instance of its own on the real Engine; `clean` removes what carries its label and says what was left. */
export interface Bench {
  readonly driver: DockerDriver;
  readonly docker: Dockerode;
  readonly instance: string;
  spec(changes?: Partial<ContainerSpec>): ContainerSpec;
  another(instance: string): DockerDriver;
  clean(): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const instance = `test-${randomBytes(6).toString('hex')}`;
  const docker = new Dockerode({ socketPath: '/var/run/docker.sock' });
  const drivers: DockerDriver[] = [];
  const another = (name: string): DockerDriver => {
    const driver = createDockerDriver({
      instance: name,
      openNetwork: `${instance}-open`,
      isolatedNetwork: `${instance}-isolated`,
    });
    drivers.push(driver);
    return driver;
  };
  const driver = another(instance);
  let subnets = await driver.ensureNetworks();
  let last: number | undefined;
  const clean = async (): Promise<void> => {
    const left = await docker.listContainers({
      all: true,
      filters: { name: [`^/${instance}-`] },
    });
    for (const { Id } of left)
      await docker.getContainer(Id).remove({ force: true, v: true });
    subnets = await driver.ensureNetworks();
    const still = await driver.list();
    if (still.length > 0)
      throw new Error(`left over: ${still.map(({ name }) => name).join(', ')}`);
  };
  /** Of its network, which a test may have had made anew. */
  const addressIn = (network: string | undefined): string => {
    const { open, isolated } = subnets;
    const subnet = network === `${instance}-isolated` ? isolated : open;
    last = nextAddress(subnet, () => false, last);
    return formatAddress(last);
  };
  return {
    driver,
    docker,
    instance,
    another,
    clean,
    spec: (changes = {}) =>
      specOf(instance, { address: addressIn(changes.network), ...changes }),
    async close() {
      await clean();
      for (const name of [`${instance}-open`, `${instance}-isolated`])
        await docker.getNetwork(name).remove();
      for (const each of drivers) each.close();
    },
  };
}

/** A container that waits for SIGTERM. Its name starts with the instance, so that cleaning finds it. */
function specOf(
  instance: string,
  changes: Partial<ContainerSpec> & Pick<ContainerSpec, 'address'>,
): ContainerSpec {
  const id = `0${[...randomBytes(25)].map((byte) => CROCKFORD[byte % 32] ?? '0').join('')}`;
  return {
    name: `${instance}-${id.toLowerCase()}`.slice(0, 60),
    image: IMAGE,
    command: [
      'sh',
      '-c',
      'trap "exit 0" TERM; while :; do sleep 60 & wait $!; done',
    ],
    user: '1000:1000',
    workingDir: '/',
    env: {},
    labels: {
      'sandboxed.managed': 'true',
      'sandboxed.instance': instance,
      'sandboxed.id': id,
      'sandboxed.generation': '1',
    },
    network: `${instance}-open`,
    runtime: 'runc',
    memoryBytes: 64 * MIB,
    nanoCpus: 500_000_000,
    pids: 48,
    openFiles: 1_024,
    tmpfs: { '/tmp': 'rw,nosuid,nodev,exec,size=16m,mode=1777' },
    mounts: [],
    logMaxSize: '1m',
    stopTimeoutSeconds: 5,
    ...changes,
  };
}

/** The code of the DomainError that `work` ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'no error';
}
