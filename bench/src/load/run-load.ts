import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import type { loadSchema } from './generator.ts';
import { loadResultSchema } from './generator.ts';

const run = promisify(execFile);
const GRACE_MS = 60_000;

/** Many clients at once, from a process of their own: what they cost is told apart and does not hold up whoever measures. */
export async function runLoad(
  load: z.input<typeof loadSchema>,
): Promise<z.output<typeof loadResultSchema>> {
  const { stdout } = await run(
    process.execPath,
    [
      '--no-warnings',
      join(import.meta.dirname, 'generator.ts'),
      JSON.stringify(load),
    ],
    {
      timeout: load.seconds * 1_000 + GRACE_MS,
      maxBuffer: 64 * 1_048_576,
    },
  );
  return loadResultSchema.parse(JSON.parse(stdout));
}
