import { z } from 'zod';

/** Names the sandbox that a tool works on. */
export const sandboxId = z
  .string()
  .min(1)
  .max(64)
  .describe('Id of the sandbox, as create_sandbox or list_sandboxes gave it.');

/** Characters of what one call writes to a file or a program. */
export const MAX_SENT = 1_048_576;

export const environment = z
  .record(z.string().max(256), z.string().max(65_536))
  .describe(
    'Environment variables. Kept encrypted and never shown again: the place for secrets.',
  );

export const cwd = z
  .string()
  .min(1)
  .max(4_096)
  .describe(
    'Directory, relative to the app directory or absolute; the app directory unless given.',
  );

/** Answers whose only news is that it was done. */
export const done = z.object({ id: z.string(), status: z.string() });
