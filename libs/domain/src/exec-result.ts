import { z } from 'zod';

/** What a finished exec answers; `background` ones end with `process_id` alone. */
export const execResultSchema = z.strictObject({
  exit_code: z.int().optional(),
  signal: z.string().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  truncated: z.boolean().optional(),
  timed_out: z.boolean().optional(),
  duration_ms: z.int().nonnegative(),
  process_id: z.string().optional(),
});
export type ExecResult = z.output<typeof execResultSchema>;
