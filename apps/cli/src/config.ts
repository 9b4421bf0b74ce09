import { z } from 'zod';

/** Settings of the commands. */
export const cliConfigSchema = z.object({
  SANDBOXED_DATA_DIR: z.string().startsWith('/').default('/var/lib/sandboxed'),
});
