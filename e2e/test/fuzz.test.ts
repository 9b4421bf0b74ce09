import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

const run = promisify(execFile);
const FUZZ = join(import.meta.dirname, '../fuzz');
const TOOL = join(import.meta.dirname, '../../node_modules/.cache/fuzz');
/** Calls of one kind that each route gets besides those at the edges of its schema. */
const EXAMPLES = 15;
const SEED = 20_261_128;

let stack: OwnStack | undefined;
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

const ranSchema = z.object({ stdout: z.string() });

async function sandbox({ api }: OwnStack): Promise<string> {
  const created = await fetch(`${api}/sandbox?wait=60`, {
    method: 'POST',
    body: '{}',
  });
  return z.object({ id: z.string() }).parse(await created.json()).id;
}

/** What the fuzzer says of an API with two sandboxes, one of which it may remove. Throws when it found something. */
async function fuzzed(
  mine: OwnStack,
  id: string,
  removed: string,
): Promise<string> {
  const removals = ['/sandbox/{id}', '/v1/sandboxes/{id}']
    .flatMap((path) => [`DELETE ${path}`, `POST ${path}/purge`])
    .map((name) => `"${name}"`)
    .join();
  const config = join(dirname(mine.dataDir), 'schemathesis.toml');
  await writeFile(
    config,
    `hooks = "${join(FUZZ, 'hooks.py')}"
request-timeout = 20
[parameters]
"path.id" = "${id}"
# No worker is up: whoever waits, waits for nothing.
"query.wait" = 0
[phases]
stateful.enabled = false
[checks]
# A schema does not say all that makes a request valid, such as which paths exist.
positive_data_acceptance.enabled = false
[checks.negative_data_rejection]
expected-statuses = ["4xx", "503"]
# These streams stay open.
[[operations]]
include-path-regex = "/events$"
request-timeout = 1
[[operations]]
include-name = [${removals}]
parameters = { "path.id" = "${removed}" }
# No worker is up.
[[operations]]
include-path = "/readyz"
enabled = false
`,
  );
  const { stdout } = await run(
    join(TOOL, 'bin/schemathesis'),
    [
      ...['--config-file', config, 'run', `${mine.api}/openapi.json`],
      ...['--max-examples', String(EXAMPLES), '--seed', String(SEED)],
      ...['--no-color'],
    ],
    {
      cwd: dirname(mine.dataDir),
      maxBuffer: 64 * 1_048_576,
      timeout: 600_000,
    },
  ).catch((error: unknown) => {
    const { stdout: said } = ranSchema.parse(error);
    // Values at the edges of a schema are long.
    const lines = said.split('\n').map((line) => line.slice(0, 400));
    throw new Error(`the fuzzer found:\n${lines.join('\n')}`);
  });
  return stdout;
}

it('answers whatever is sent to it as its OpenAPI document says, and never by a fault of its own', async () => {
  await run(join(FUZZ, 'install.sh'), [TOOL], { timeout: 300_000 });
  const mine = await startOwnStack({ workers: 1 });
  stack = mine;
  const [id, removed] = [await sandbox(mine), await sandbox(mine)];
  // What is accepted stays in the queue: hundreds of sandboxes would tell nothing more of the API.
  await mine.child('worker-1').down('SIGTERM');
  const said = await fuzzed(mine, id, removed);
  expect(said).toMatch(/\d{3,} generated, \d+ passed/);
  const faults = (await mine.log('api', 1_000_000))
    .split('\n')
    .filter((line) => line.includes('request failed'))
    .filter((line) => !line.includes('"path":"/readyz"'));
  expect(faults).toEqual([]);
  expect(mine.exits.filter(({ name }) => name !== 'worker-1')).toEqual([]);
}, 900_000);
