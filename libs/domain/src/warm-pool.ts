import { z } from 'zod';
import type { HostMemory } from './admission.ts';
import { freeForStartsMb, START_COST_MB } from './admission.ts';
import type { HostSettings } from './container-spec.ts';
import type { SandboxId } from './ids.ts';
import type { PressureFacts } from './pressure.ts';
import { wantsMemory } from './pressure.ts';
import { createRequestSchema } from './requests.ts';
import { egressSchema, portSchema, visibilitySchema } from './sandbox.ts';

/** How many members a warm pool may have: `SANDBOXED_WARM_POOL`, 0 for none. */
export const warmPoolSizeSchema = z.coerce.number().int().min(0).max(50);

/** How long one may be in the making, and how long a finished one is kept: the image's tag may have moved on. Milliseconds. */
export const MEMBER_MAKING_MS = 60_000;
export const MEMBER_MAX_AGE_MS = 3_600_000;
/** None is made for so long after the host was short of memory. Milliseconds. */
export const POOL_REST_MS = 60_000;
const FIRST_BACKOFF_MS = 5_000;
const LAST_BACKOFF_MS = 300_000;

export const MEMBER_STATES = ['making', 'ready', 'leaving'] as const;
/** `making`: a worker is at it. `ready`: a create may take it. `leaving`: it is removed, and its row goes last. */
export type MemberState = (typeof MEMBER_STATES)[number];

const poolSpecSchema = z.strictObject({
  image: z.string(),
  ports: z.array(portSchema),
  visibility: visibilitySchema,
  egress: egressSchema,
});
/** All of a sandbox that is baked into its container, but for id and generation, which a member brings, and limits, which are changed. */
export type PoolSpec = z.output<typeof poolSpecSchema>;

/** A container with the id of a sandbox to be. Nothing of a tenant was ever in it. Times in ms since the epoch. */
export interface PoolMember {
  readonly id: SandboxId;
  readonly generation: number;
  /** {@link poolKey} of what it was made as, and {@link hostKey} of whom it was made by. */
  readonly key: string;
  readonly hostKey: string;
  readonly state: MemberState;
  readonly createdAt: number;
}

/** What a pool is to hold now. */
export interface PoolWish {
  readonly size: number;
  readonly key: string;
  readonly hostKey: string;
}

/** Equal for two sandboxes whose containers and routes differ in id, generation and limits alone. */
export function poolKey({
  image,
  ports,
  visibility,
  egress,
}: PoolSpec): string {
  return JSON.stringify({ image, ports, visibility, egress });
}

/** The other way round; undefined for the key of another version. */
export function readPoolKey(key: string): PoolSpec | undefined {
  try {
    return poolSpecSchema.safeParse(JSON.parse(key)).data;
  } catch {
    return undefined;
  }
}

/** What a create gets that asks for nothing in particular. */
export function defaultPoolSpec(image: string): PoolSpec {
  const { ports, visibility, egress } = createRequestSchema.parse({});
  return { image, ports, visibility, egress };
}

/** Equal while the settings of the host that are baked into containers are the same. */
export function hostKey({ baseEnv, edge, ...host }: HostSettings): string {
  const sorted = (part: object): unknown[] => Object.entries(part).toSorted();
  return JSON.stringify([sorted(host), sorted(baseEnv), sorted(edge)]);
}

/** Members that have to go: made as or by something else, too old, from before the clock was set back, or too many. */
export function membersToRetire(
  members: readonly PoolMember[],
  wish: PoolWish,
  now: number,
): readonly SandboxId[] {
  const staying = members.filter(({ state }) => state !== 'leaving');
  const fit = staying.filter((member) => isFit(member, wish, now));
  const kept = new Set(
    fit
      .toSorted((one, other) => other.createdAt - one.createdAt)
      .slice(0, wish.size),
  );
  return staying.filter((member) => !kept.has(member)).map(({ id }) => id);
}

function isFit(member: PoolMember, wish: PoolWish, now: number): boolean {
  const age = now - member.createdAt;
  const oldest =
    member.state === 'making' ? MEMBER_MAKING_MS : MEMBER_MAX_AGE_MS;
  return (
    member.key === wish.key &&
    member.hostKey === wish.hostKey &&
    age <= oldest &&
    age >= -MEMBER_MAKING_MS
  );
}

/** What speaks for or against another member. */
export interface RefillFacts extends PressureFacts {
  readonly host: HostMemory;
  readonly reservedMb: number;
  /** Starts, stops and the like that no worker has taken yet. */
  readonly isBusy: boolean;
  readonly restUntil: number;
}

/** Whether another member may be made now: only with what nobody else needs. `now` in ms. */
export function mayRefill(facts: RefillFacts, now: number): boolean {
  const { host, reservedMb, isBusy, restUntil } = facts;
  // One that is further off than any rest is from before the clock was set back.
  const rests = restUntil > now && restUntil <= now + LAST_BACKOFF_MS;
  return (
    !rests &&
    !isBusy &&
    !wantsMemory(facts) &&
    freeForStartsMb(host, reservedMb) >= START_COST_MB
  );
}

/** How long none is made after so many failures in a row. Milliseconds. */
export function refillBackoffMs(failures: number): number {
  return Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
}
