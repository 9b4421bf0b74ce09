import { cwdSchema, jobIdSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { sizeSchema } from './messages.ts';

const some = z.union([
  z.string().transform((one) => [one]),
  z.array(z.string()),
]);

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
