import { parseArgs } from 'node:util';
import { z } from 'zod';

/** Names of the scenarios, as given on the command line. */
const SCENARIOS = [
  'api',
  'streams',
  'scale',
  'creates',
  'wakes',
  'cost',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

const optionsSchema = z.object({
  scenario: z.enum(SCENARIOS),
  installed: z.boolean(),
  n: z.coerce.number().int().min(1).max(10_000).optional(),
  clients: z.coerce.number().int().min(1).max(1_000).optional(),
  seconds: z.coerce.number().int().min(1).max(600),
  rate: z.coerce.number().int().min(1).max(40),
  workers: z.coerce.number().int().min(1).max(16),
  events: z.coerce.number().int().min(1_000).max(5_000_000),
  rows: z.coerce.number().int().min(100).max(100_000),
  out: z.string(),
});
/** What a run is told; what is left out has a default of the scenario's own. */
export type Options = z.output<typeof optionsSchema>;

export const HELP = `npm run load -- <${SCENARIOS.join(' | ')}> [--installed] [--n N] [--clients C] [--seconds S] [--rate R] [--workers W] [--rows R] [--events E] [--out DIR]

  api       64 clients (autocannon) read, and submit jobs
  streams   500 event streams while events are written: time from commit to client, none lost, none twice
  scale     what is asked of SQLite with 10,000 sandboxes and 1,000,000 events, beside 100 sandboxes
  creates   50 creates at once, beside the same number of raw creates one after the other
  wakes     200 sleeping sandboxes woken at random through the edge
  cost      CPU, SQLite, Redis and disk of a job and of a sandbox, and how they grow with the number of sandboxes

  --installed   the stack that is installed on this host, which must be open to it; without, a stack of its own beside it
  --n           streams, creates or sandboxes
  --clients     clients at once
  --seconds     how long each part is measured; 20 unless told
  --rate        events a second of each of the eight jobs of \`streams\`; 10 unless told
  --workers     workers of a stack of its own; 2 unless told
  --rows, --events   size of the large database of \`scale\`; 10,000 and 1,000,000 unless told
  --out         where <scenario>.json and <scenario>.md go; bench/results/load unless told

Prints a table. Exit code 1: a bound was missed.`;

/** Undefined when help is asked for. Throws for what it does not know. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      installed: { type: 'boolean', default: false },
      n: { type: 'string' },
      clients: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      rate: { type: 'string', default: '10' },
      workers: { type: 'string', default: '2' },
      rows: { type: 'string', default: '10000' },
      events: { type: 'string', default: '1000000' },
      out: { type: 'string', default: 'bench/results/load' },
      help: { type: 'boolean', default: false },
    },
  });
  const [scenario, ...more] = positionals;
  if (values.help || scenario === undefined || more.length > 0)
    return undefined;
  return optionsSchema.parse({ ...values, scenario });
}
