import { z } from 'zod';

/** Names the sandbox that a tool works on. */
export const sandboxId = z
  .string()
  .min(1)
  .max(64)
  .describe('Id of the sandbox, as create_sandbox or list_sandboxes gave it.');

export const environment = z
  .record(z.string(), z.string())
  .describe(
    'Environment variables. Kept encrypted and never shown again: the place for secrets.',
  );

/** Answers whose only news is that it was done. */
export const done = z.object({ id: z.string(), status: z.string() });
