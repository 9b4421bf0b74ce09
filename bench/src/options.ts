import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Extent } from './case.ts';

export const HELP = `npm run bench -- [--check | --full] [--own] [--only NAME,…] [--compare FILE] [--out FILE] [--warm]

Measures the installed stack, or one of its own, against the same work by hand; it needs the Engine. Prints a table.

  --check         the short form: fails (exit code 1) when a path is off by more than twice its bound. Writes no file
  --full          50 rounds of what starts containers as well, and 50 sandboxes at once
  --own           starts a stack of its own, from this working copy, and measures that
  --only NAMES    these cases alone
  --compare FILE  prints before and after, FILE being an earlier result
  --out FILE      instead of bench/results/<date>-<commit>.json
  --warm          the stack has a warm pool; with --own it gets one
  --scale F       multiplies all bounds, to see a check fail

Where the installed stack is: SANDBOXED_API_BIND, HTTP_PORT, PREVIEW_DOMAIN, SANDBOXED_DATA_DIR as in .env; SANDBOXED_BENCH_TOKEN.`;

const optionsSchema = z.object({
  check: z.boolean(),
  full: z.boolean(),
  own: z.boolean(),
  warm: z.boolean(),
  only: z
    .string()
    .transform((names) => names.split(','))
    .optional(),
  compare: z.string().optional(),
  out: z.string().optional(),
  scale: z.coerce.number().positive(),
});
export type Options = z.output<typeof optionsSchema>;

/** Undefined when help is asked for. Throws for what it does not know. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const off = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ check: off, full: off, own: off, warm: off, help: off },
      only: { type: 'string' },
      compare: { type: 'string' },
      out: { type: 'string' },
      scale: { type: 'string', default: '1' },
    },
  });
  return values.help ? undefined : optionsSchema.parse(values);
}

/** The short form fits in a minute on two cores. */
export function extentOf({ check, full }: Options): Extent {
  if (check)
    return { quick: 20, starts: 3, many: 5, idleSeconds: 5, loadSeconds: 2 };
  return full
    ? { quick: 100, starts: 50, many: 50, idleSeconds: 60, loadSeconds: 5 }
    : { quick: 50, starts: 10, many: 20, idleSeconds: 20, loadSeconds: 4 };
}
