import { cwdSchema, envSchema, jobIdSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { sizeSchema } from './messages.ts';

const some = z.union([
  z.string().transform((one) => [one]),
  z.array(z.string()),
]);

const environment = some
  .transform((pairs, context) => {
    const entries = pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1)
        context.addIssue({ code: 'custom', message: 'must be NAME=value' });
      return [pair.slice(0, Math.max(at, 0)), pair.slice(at + 1)] as const;
    });
    return Object.fromEntries(entries);
  })
  .pipe(envSchema);

const { cols, rows } = sizeSchema.shape;

/** What a terminal is opened with: a new one, or with `terminal` one that is there, from `after` on. */
export const terminalQuerySchema = z.object({
  cols: cols.default(80).describe('Characters in a line.'),
  rows: rows.default(24).describe('Lines.'),
  cwd: cwdSchema
    .optional()
    .describe(
      'Directory, relative to the app directory or absolute; the app directory unless given.',
    ),
  cmd: some
    .pipe(z.array(z.string().max(16_384)).min(1).max(256))
    .refine((words) => words.every((word) => !word.includes('\0')), {
      message: 'must not hold NUL',
    })
    .optional()
    .describe(
      'A program and its arguments, once for each word; a login shell unless given.',
    ),
  env: environment
    .optional()
    .describe(
      'A variable as `NAME=value`, once for each. No place for secrets, since addresses end up in logs.',
    ),
  terminal: jobIdSchema
    .optional()
    .describe('One that is there, to come back to; a new one unless given.'),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Offset of the first byte to show, for who comes back.'),
});
export type TerminalQuery = z.output<typeof terminalQuerySchema>;
