import type { ContainerSpec } from '@sandboxed/domain';
import { DomainError, LABEL_POOL, LABEL_SPEC } from '@sandboxed/domain';
import type { CreateBody } from './create-options.ts';
import { createOptions } from './create-options.ts';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';
import { inspectAny } from './inspect.ts';
import type { Inspected } from './map-inspect.ts';
import { readOwnership } from './map-inspect.ts';
import { pause } from './pause.ts';
import { pullImage } from './pull.ts';
import { removeById } from './remove.ts';
import { poolHash, specHash } from './spec-hash.ts';
import { applyLimits } from './update.ts';

/** How often the name may turn out to be taken or freed by somebody else before we give up. */
const MAX_ROUNDS = 40;
const ROUND_PAUSE_MS = 50;

/** What to do about the container that already has the name. */
export type Decision = 'adopt' | 'resize' | 'replace' | 'wait' | 'conflict';

/** Decides about an existing container by owner, generation, state and what it was made from. */
export function decide(
  found: Inspected,
  wanted: {
    readonly sandboxId: string;
    readonly generation: number;
    readonly specHash: string;
    /** Given when nobody has used the container yet. */
    readonly poolHash?: string | undefined;
  },
): Decision {
  if (found.ours?.sandboxId !== wanted.sandboxId) return 'conflict';
  if (found.status === 'removing') return 'wait';
  // `dead` is what a failed removal leaves: it can never be started.
  if (found.status === 'dead') return 'replace';
  if (found.ours.generation !== wanted.generation) return 'replace';
  // Made by somebody else, who copied our labels: nobody knows how it is locked in.
  if (found.specHash === undefined) return 'replace';
  // Changed limits or settings of the host reach a container at its next start, never under a tenant's work.
  const alive = found.status !== 'created' && found.status !== 'exited';
  if (found.specHash === wanted.specHash) return 'adopt';
  if (!alive) return 'replace';
  if (wanted.poolHash === undefined) return 'adopt';
  return found.poolHash === wanted.poolHash ? 'resize' : 'replace';
}

/**
 * Makes the container of `spec` exist, whatever was there before and whoever else is at it: look, then create,
 * replace or wait, and look again. Only a look that finds the wanted container ends it well.
 */
export async function ensureContainer(
  engine: Engine,
  spec: ContainerSpec,
  { isNew } = { isNew: false },
): Promise<ContainerFacts> {
  const wanted = readOwnership(spec.labels, engine.instance);
  if (wanted === undefined)
    throw new DomainError(
      'internal',
      `The labels of ${spec.name} are not those of instance ${engine.instance}.`,
    );
  const body = createOptions(spec, await engine.host());
  const hash = specHash(body);
  const pool = poolHash(body);
  const labelled = {
    ...body,
    Labels: { ...body.Labels, [LABEL_SPEC]: hash, [LABEL_POOL]: pool },
  };
  let pulled = false;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = await inspectAny(engine, spec.name);
    if (found === undefined) {
      const outcome = await create(engine, spec.name, labelled);
      if (outcome === 'created') continue;
      if (outcome === 'image_missing') {
        if (pulled) throw imageVanished(spec.image);
        await pullImage(engine, spec.image);
        pulled = true;
        continue;
      }
    } else {
      const decision = decide(found, {
        ...wanted,
        specHash: hash,
        poolHash: isNew ? pool : undefined,
      });
      if (decision === 'adopt' && found.ours !== undefined) return found.ours;
      if (decision === 'conflict') throw conflict(found);
      if (decision === 'resize' && found.ours !== undefined)
        if (await resized(engine, found.dockerId, spec)) return found.ours;
      if (decision === 'resize' || decision === 'replace') {
        await removeById(engine, found.dockerId, spec.name);
        continue;
      }
    }
    await pause(ROUND_PAUSE_MS, engine.closing);
  }
  throw new DomainError(
    'container_conflict',
    `The name ${spec.name} is held by a container that the Docker Engine is still creating or removing. Try again; if it stays, \`docker rm -f ${spec.name}\` frees it.`,
  );
}

/** Answers false when the Engine refuses: memory that is in use already, for one. */
async function resized(
  engine: Engine,
  dockerId: string,
  spec: ContainerSpec,
): Promise<boolean> {
  try {
    await applyLimits(engine, dockerId, spec);
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal) return false;
    throw error;
  }
}

async function create(
  engine: Engine,
  name: string,
  body: CreateBody,
): Promise<'created' | 'name_taken' | 'image_missing'> {
  try {
    await engine.call(`create ${name}`, (abortSignal) => {
      // Without the split dockerode would put the whole body into the query string as well.
      const request = { abortSignal, _query: { name }, _body: body };
      return engine.docker.createContainer(request);
    });
    return 'created';
  } catch (error) {
    if (isRefusal(error, 409)) return 'name_taken';
    if (isRefusal(error, 404) && /no such image/i.test(error.words))
      return 'image_missing';
    if (error instanceof EngineRefusal)
      throw new DomainError(
        'start_failed',
        `The Docker Engine refused to create ${name}: ${error.words}`,
        { cause: error },
      );
    throw error;
  }
}

function conflict(found: Inspected): DomainError {
  return new DomainError(
    'container_conflict',
    `A container named ${found.name} exists (${found.dockerId.slice(0, 12)}) and does not belong to this sandbox. Rename or remove it (\`docker rm -f ${found.name}\`), then try again.`,
  );
}

function imageVanished(image: string): DomainError {
  return new DomainError(
    'image_missing',
    `The image ${image} was pulled but is not on this host any more. Pull or build it again, or name another image.`,
  );
}
