import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usedUp } from './bound.ts';
import type { Bench, Case } from './case.ts';
import { CASES } from './cases/all.ts';
import type { Client } from './client.ts';
import { compare } from './compare.ts';
import { hostLoad, machineFacts } from './host.ts';
import type { Options } from './options.ts';
import { extentOf, HELP, readOptions } from './options.ts';
import type { Raw } from './raw.ts';
import { createRaw } from './raw.ts';
import type { Result, Row } from './result.ts';
import { resultSchema } from './result.ts';
import { scaled } from './scale.ts';
import { table } from './table.ts';
import type { Target } from './target.ts';
import { commitName, installedTarget, ownTarget } from './target.ts';

/** A ratio that is off by this much is a defect, on however noisy a host. */
const FAR_OFF = 2;

async function measure({ path, bound, run }: Case, bench: Bench): Promise<Row> {
  const hostBefore = await hostLoad();
  const found = await run(bench).catch((error: unknown) => ({
    ...{ attempts: 1, failed: 1, failures: [String(error)] },
  }));
  const hostAfter = await hostLoad();
  const nothing = { attempts: 0, failed: 0, failures: [] };
  return { path, bound, ...nothing, ...found, hostBefore, hostAfter };
}

async function bench(options: Options, target: Target): Promise<boolean> {
  const created = new Set<string>();
  const client: Client = {
    ...target.client,
    async purge(id) {
      await target.client.purge(id);
      created.delete(id);
    },
  };
  const create = async (): Promise<string> => {
    const id = await client.create();
    created.add(id);
    return id;
  };
  let raw: Raw | undefined;
  const clean = async (): Promise<void> => {
    await raw?.close();
    // What cannot be removed now is told by the stack; all others are to go nevertheless.
    for (const id of created) await client.purge(id).catch(console.error);
    await target.close();
  };
  let cleaning: Promise<void> | undefined;
  const cleanUp = (): Promise<void> => (cleaning ??= clean());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void cleanUp().finally(() => process.exit(130));
    });
  const rows: Row[] = [];
  try {
    raw = await createRaw(await create());
    const work: Bench = {
      ...{ client, raw, create, extent: extentOf(options) },
      ...{ hasWarmPool: options.warm, processes: target.processes },
    };
    const wanted = CASES.filter(
      ({ name, short }) =>
        options.only?.includes(name) ?? (!options.check || short),
    );
    for (const each of wanted) {
      console.error(`${each.name} …`);
      rows.push(await measure(scaled(each, options.scale), work));
    }
    const result: Result = {
      ...{
        format: 1,
        at: new Date().toISOString(),
        commit: await commitName(),
      },
      settings: { ...work.extent, own: options.own, warm: options.warm },
      machine: await machineFacts(target.dataDir),
      rows,
    };
    console.log(table(rows).join('\n'));
    if (options.compare !== undefined)
      console.log(
        compare(
          resultSchema.parse(
            JSON.parse(await readFile(options.compare, 'utf8')),
          ),
          result,
        ).join('\n'),
      );
    if (!options.check || options.out !== undefined)
      console.log(`Written to ${await keep(result, options.out)}.`);
  } finally {
    await cleanUp();
  }
  return !options.check || check(rows);
}

/**
 * Tells which paths are far off. Rates and amounts are told and hold nobody up: they depend on the host, and not on the same work
 * done beside them. A call that failed does.
 */
function check(rows: readonly Row[]): boolean {
  let holds = true;
  for (const row of rows) {
    const used = row.skipped === undefined ? (usedUp(row.bound, row) ?? 0) : 0;
    const isRelative =
      row.bound.kind === 'ratio' || row.bound.kind === 'plus_ms';
    if (row.failed === 0 && (used <= FAR_OFF || !isRelative)) continue;
    holds = false;
    console.error(
      row.failed > 0
        ? `FAILED ${row.path}: ${row.failed} of ${row.attempts} calls failed`
        : `FAILED ${row.path}: ${used.toFixed(1)} times its bound, more than ${FAR_OFF} times is a defect`,
    );
  }
  return holds;
}

async function keep(result: Result, file: string | undefined): Promise<string> {
  const folder = join(import.meta.dirname, '../results');
  await mkdir(folder, { recursive: true });
  const name = `${result.at.slice(0, 10)}-${result.commit}.json`;
  const path = file ?? join(folder, name);
  await writeFile(path, `${JSON.stringify(result, undefined, 2)}\n`);
  return path;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.log(HELP);
else {
  const target = options.own
    ? await ownTarget(options)
    : installedTarget(process.env);
  process.exitCode = (await bench(options, target)) ? 0 : 1;
}
