import type { EngineFacts } from '@sandboxed/domain';
import { parseEngineFacts } from '@sandboxed/domain';
import { z } from 'zod';
import type { Engine } from './engine.ts';

const versionSchema = z.object({ Version: z.string().min(1) });

/** Version of the Engine, such as `28.2.2`. */
export async function readVersion(engine: Engine): Promise<string> {
  return engine.call('tell its version', async () => {
    const answer: unknown = await engine.docker.version();
    return versionSchema.parse(answer).Version;
  });
}

/** Costs the Engine a look at all its containers: not for every few seconds. */
export async function readEngineFacts(
  engine: Engine,
  now: () => number,
): Promise<EngineFacts> {
  return engine.call('describe itself', async () => {
    const version: unknown = await engine.docker.version();
    const info: unknown = await engine.docker.info();
    return parseEngineFacts(version, info, now());
  });
}
