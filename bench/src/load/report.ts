import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Findings } from './finding.ts';
import type { Options } from './options.ts';

/** Writes `<scenario>.md` and `<scenario>.json`, and answers the Markdown. */
export async function writeReport(
  options: Options,
  { lines, figures }: Findings,
  loadBefore: readonly number[],
): Promise<string> {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memory_mb: Math.round(totalmem() / 1_048_576),
    kernel: release(),
    node: process.version,
    load_before: loadBefore,
    load_after: loadavg(),
  };
  const text = [
    `## load: ${options.scenario}`,
    '',
    `${options.installed ? 'Installed stack' : 'Stack of its own'} on ${machine.cpus} × ${machine.model}, ${machine.memory_mb} MiB, Node ${machine.node}; load before ${(loadBefore[0] ?? 0).toFixed(2)}.`,
    '',
    '| what | measured | bound | met |',
    '|---|---|---|---|',
    ...lines.map(
      ({ what, measured, bound = '–', isMet }) =>
        `| ${what} | ${measured} | ${bound} | ${isMet === undefined ? '–' : isMet ? 'yes' : '**no**'} |`,
    ),
    '',
  ].join('\n');
  await mkdir(options.out, { recursive: true });
  const base = join(options.out, options.scenario);
  await writeFile(`${base}.md`, text);
  await writeFile(
    `${base}.json`,
    `${JSON.stringify({ at: new Date().toISOString(), options, machine, lines, figures }, null, 2)}\n`,
  );
  return text;
}
