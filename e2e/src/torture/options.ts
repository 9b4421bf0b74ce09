import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What a run is told on the command line. */
const optionsSchema = z.object({
  minutes: z.coerce.number().positive().max(1_440),
  seed: z.coerce.number().int().nonnegative().max(0xffff_ffff),
  workers: z.coerce.number().int().min(1).max(16),
  clients: z.coerce.number().int().min(1).max(64),
  'engine-restarts': z.boolean(),
});
export type Options = z.output<typeof optionsSchema>;

export const HELP = `npm run torture -- [--minutes N] [--seed S] [--workers W] [--clients C] [--engine-restarts]

Starts a stack of its own beside whatever is installed (it needs the Engine and the images), lets clients work on a dozen
sandboxes while processes, containers, Redis, SQLite and the clock are tampered with, and holds what clients were told
against SQLite, the Engine, the disk and the streams: at quiet points every half minute and at the end.

  --minutes N         how long; 3 unless told
  --seed S            of the choices; one of its own unless told, printed
  --workers W         2 unless told
  --clients C         8 unless told
  --engine-restarts   restarts the Docker Engine now and then: everything on this host is hit. Off unless told

The same seed gives every client the same operations in the same order, and the same faults in the same order. How they
meet in time is up to the host, so a failure may need several runs to show again.

Ends with a report, and exit code 1 when anything was violated; then the data and logs are kept, and it says where.`;

/** Undefined when help is asked for. Throws for what it does not know. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      workers: { type: 'string', default: '2' },
      clients: { type: 'string', default: '8' },
      'engine-restarts': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values.help ? undefined : optionsSchema.parse(values);
}
