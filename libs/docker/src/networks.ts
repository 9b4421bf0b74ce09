import type { Subnet } from '@sandboxed/domain';
import {
  DomainError,
  LABEL_INSTANCE,
  LABEL_MANAGED,
  LABEL_SUBNET,
  subnetSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';
import { pause } from './pause.ts';

const ICC = 'com.docker.network.bridge.enable_icc';
const BRIDGE = 'com.docker.network.bridge.name';
/** How often others may make or remove what we are about to. */
const MAX_ROUNDS = 40;
const ROUND_PAUSE_MS = 50;

const stringsSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((strings) => strings ?? {});
const networkSchema = z.object({
  Id: z.string().min(1),
  Name: z.string(),
  Created: z.string(),
  Driver: z.string(),
  Internal: z.boolean(),
  Options: stringsSchema,
  Labels: stringsSchema,
  IPAM: z.object({
    Config: z
      .array(
        z.object({
          Subnet: z.string().optional(),
          Gateway: z.string().optional(),
        }),
      )
      .nullish(),
  }),
});
type Network = z.output<typeof networkSchema>;

/** A sandbox network as it has to be; `bridge` is the name of its interface on the host. */
export interface WantedNetwork {
  readonly name: string;
  readonly internal: boolean;
  readonly bridge: string | undefined;
}

/**
 * Makes a sandbox network if there is none of its name, with a subnet that is free: only where it was given one does the Engine
 * take addresses of ours. A draft of a network shows which one is free. Several workers may do this at once: whoever comes second
 * finds the first one's, and where the Engine let both through the younger network is removed again. One of an earlier version,
 * which has no subnet of ours, is made anew. Throws `container_conflict` for one that is not ours or not safe, and for one to
 * be made anew that containers use.
 */
export async function ensureNetwork(
  engine: Engine,
  wanted: WantedNetwork,
): Promise<Subnet> {
  const draft = { ...wanted, name: `${wanted.name}-draft`, bridge: undefined };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const listed = await list(engine, wanted.name);
    const drafts = listed.filter(({ Name }) => Name === draft.name);
    const [oldest, ...younger] = listed.filter(
      ({ Name }) => Name === wanted.name,
    );
    if (oldest === undefined) {
      const [made] = drafts;
      if (made === undefined) {
        await create(engine, draft);
        continue;
      }
      const subnet = subnetOf(made);
      await removeNetwork(engine, made);
      const outcome = await create(engine, wanted, subnet);
      if (outcome === 'created') continue;
    } else {
      for (const surplus of [...younger, ...drafts])
        await removeNetwork(engine, surplus);
      if (!separates(engine, oldest, wanted)) throw unsafe(wanted);
      const subnet = subnetOf(oldest);
      if (oldest.Labels[LABEL_SUBNET] === subnet.cidr) return subnet;
      if (!(await removeNetwork(engine, oldest))) throw outdated(wanted.name);
      continue;
    }
    await pause(ROUND_PAUSE_MS, engine.closing);
  }
  throw new DomainError(
    'docker_unavailable',
    `The Docker Engine does not make the network ${wanted.name}: its subnets are taken again and again by somebody else.`,
  );
}

/** Networks whose names hold this one, oldest first; the id decides between equals, so that every worker keeps the same one. */
async function list(engine: Engine, name: string): Promise<readonly Network[]> {
  const listed = await engine.call('list networks', async (abortSignal) =>
    z.array(networkSchema).parse(
      await engine.docker.listNetworks({
        filters: { name: [name] },
        abortSignal,
      }),
    ),
  );
  return listed.toSorted(
    (a, b) =>
      Date.parse(a.Created) - Date.parse(b.Created) || a.Id.localeCompare(b.Id),
  );
}

/** Without `subnet` the Engine chooses one. */
async function create(
  engine: Engine,
  { name, internal, bridge }: WantedNetwork,
  subnet?: Subnet,
): Promise<'created' | 'taken'> {
  try {
    const body = {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: internal,
      Attachable: false,
      EnableIPv6: false,
      ...(subnet !== undefined && {
        IPAM: {
          Driver: 'default',
          Config: [{ Subnet: subnet.cidr, Gateway: subnet.gateway }],
        },
      }),
      Options: {
        [ICC]: 'false',
        ...(bridge !== undefined && { [BRIDGE]: bridge }),
      },
      Labels: {
        [LABEL_MANAGED]: 'true',
        [LABEL_INSTANCE]: engine.instance,
        ...(subnet !== undefined && { [LABEL_SUBNET]: subnet.cidr }),
      },
    };
    await engine.call(`create the network ${name}`, (abortSignal) => {
      // Without the split dockerode would put the whole body into the query string as well.
      const request = { Name: name, abortSignal, _query: {}, _body: body };
      return engine.docker.createNetwork(request);
    });
    return 'created';
  } catch (error) {
    if (isRefusal(error, 409)) return 'taken';
    if (isRefusal(error, 403) && /pool overlaps/i.test(error.words))
      return 'taken';
    throw error;
  }
}

/** Answers false when containers use it, and removes nothing then. Missing is success. */
async function removeNetwork(
  engine: Engine,
  network: Network,
): Promise<boolean> {
  try {
    await engine.call(`remove the network ${network.Id}`, (abortSignal) =>
      engine.docker.getNetwork(network.Id).remove({ abortSignal }),
    );
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    if (isRefusal(error, 403) && /active endpoints/i.test(error.words))
      return false;
    throw error;
  }
}

function subnetOf({ Name, IPAM }: Network): Subnet {
  const [config] = IPAM.Config ?? [];
  const subnet = subnetSchema.safeParse({
    cidr: config?.Subnet,
    gateway: config?.Gateway,
  }).data;
  if (subnet === undefined)
    throw new DomainError(
      'docker_unavailable',
      `The Docker Engine tells no IPv4 subnet and gateway of the network ${Name}.`,
    );
  return subnet;
}

function separates(
  engine: Engine,
  network: Network,
  { internal }: WantedNetwork,
): boolean {
  return (
    network.Labels[LABEL_INSTANCE] === engine.instance &&
    network.Driver === 'bridge' &&
    network.Options[ICC] === 'false' &&
    network.Internal === internal
  );
}

function unsafe({ name, internal }: WantedNetwork): DomainError {
  return new DomainError(
    'container_conflict',
    `A network named ${name} exists that was not made for this installation or does not separate sandboxes (wanted: driver bridge, ${ICC}=false, internal ${String(internal)}). Remove it with \`docker network rm ${name}\`; it is then made anew.`,
  );
}

function outdated(name: string): DomainError {
  return new DomainError(
    'container_conflict',
    `The network ${name} is from an earlier version and has to be made anew, but sandboxes run in it. Stop them with \`docker stop $(docker ps -q --filter network=${name})\`; they wake on request.`,
  );
}
