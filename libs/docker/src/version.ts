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
