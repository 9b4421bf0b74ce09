import { DomainError, LABEL_INSTANCE, LABEL_MANAGED } from '@sandboxed/domain';
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';

const ICC = 'com.docker.network.bridge.enable_icc';
const BRIDGE = 'com.docker.network.bridge.name';

const networkSchema = z.object({
  Id: z.string().min(1),
  Name: z.string(),
  Created: z.string(),
  Driver: z.string(),
  Internal: z.boolean(),
  Options: z
    .record(z.string(), z.string())
    .nullish()
    .transform((options) => options ?? {}),
});
type Network = z.output<typeof networkSchema>;

/**
 * Makes a sandbox network if there is none of its name. An existing one is kept when it separates sandboxes as
 * ours does. Two workers may do this at once: whoever comes second finds the first one's, and where the Engine
 * let both through the younger network is removed again. Throws `container_conflict` for one that is not safe.
 */
export async function ensureNetwork(
  engine: Engine,
  name: string,
  internal: boolean,
  bridge?: string,
): Promise<void> {
  let found = await byName(engine, name);
  if (found.length === 0) {
    await create(engine, name, internal, bridge);
    found = await byName(engine, name);
  }
  const [oldest, ...younger] = found;
  if (oldest === undefined)
    throw new DomainError(
      'docker_unavailable',
      `The Docker Engine made the network ${name} and does not list it.`,
    );
  for (const network of younger) await removeNetwork(engine, network);
  if (!separates(oldest, internal)) throw unsafe(name, internal);
}

/** Networks of exactly this name, oldest first; the id decides between equals, so that every worker keeps the same one. */
async function byName(
  engine: Engine,
  name: string,
): Promise<readonly Network[]> {
  const listed = await engine.call('list networks', async (abortSignal) =>
    z.array(networkSchema).parse(
      await engine.docker.listNetworks({
        filters: { name: [name] },
        abortSignal,
      }),
    ),
  );
  return listed
    .filter((network) => network.Name === name)
    .toSorted(
      (a, b) =>
        Date.parse(a.Created) - Date.parse(b.Created) ||
        a.Id.localeCompare(b.Id),
    );
}

async function create(
  engine: Engine,
  name: string,
  internal: boolean,
  bridge: string | undefined,
): Promise<void> {
  try {
    await engine.call(`create the network ${name}`, (abortSignal) =>
      engine.docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        Internal: internal,
        Attachable: false,
        EnableIPv6: false,
        Options: {
          [ICC]: 'false',
          ...(bridge !== undefined && { [BRIDGE]: bridge }),
        },
        Labels: {
          [LABEL_MANAGED]: 'true',
          [LABEL_INSTANCE]: engine.instance,
        },
        abortSignal,
      }),
    );
  } catch (error) {
    if (!isRefusal(error, 409)) throw error;
  }
}

async function removeNetwork(engine: Engine, network: Network): Promise<void> {
  try {
    await engine.call(
      `remove the surplus network ${network.Id}`,
      (abortSignal) =>
        engine.docker.getNetwork(network.Id).remove({ abortSignal }),
    );
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}

function separates(network: Network, internal: boolean): boolean {
  return (
    network.Driver === 'bridge' &&
    network.Options[ICC] === 'false' &&
    network.Internal === internal
  );
}

function unsafe(name: string, internal: boolean): DomainError {
  return new DomainError(
    'container_conflict',
    `A network named ${name} exists and does not separate sandboxes (wanted: driver bridge, ${ICC}=false, internal ${String(internal)}). Remove it with \`docker network rm ${name}\`; it is then made anew.`,
  );
}
