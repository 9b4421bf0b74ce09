import { readFile } from 'node:fs/promises';
import type { OwnStack } from '../own-stack/own-stack.ts';
import { lastEvents } from './log.ts';
import type { Options } from './options.ts';
import { logFile } from './process-logs.ts';
import type { TortureRecord } from './record.ts';

const LINES = 40;

export interface Figures {
  readonly options: Options;
  readonly minutes: number;
  readonly quietPoints: number;
  readonly longestQuietMs: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
}

/** What a run did and found, as text. */
export async function report(
  stack: OwnStack,
  record: TortureRecord,
  figures: Figures,
): Promise<string> {
  const { options, minutes, quietPoints, longestQuietMs, faults, errors } =
    figures;
  return [
    `seed ${options.seed}, ${minutes.toFixed(1)} minutes, ${options.clients} clients, ${options.workers} workers, ${quietPoints} quiet points, the longest ${Math.round(longestQuietMs / 1_000)} s`,
    `operations: ${total(record, ' (job)', false)}`,
    ...[...record.counts]
      .sort()
      .map(([kind, outcomes]) => `  ${kind}: ${list(outcomes)}`),
    `faults: ${[...faults.values()].reduce((sum, count) => sum + count, 0)}: ${list(faults)}`,
    `errors in logs: ${list(errors)}`,
    `violations: ${record.violations.length}`,
    ...(await details(stack, record)),
  ].join('\n');
}

/** Requests of all kinds that do not end in `suffix`. */
export function total(
  { counts }: TortureRecord,
  suffix: string,
  acceptedOnly: boolean,
): number {
  let sum = 0;
  for (const [kind, outcomes] of counts)
    if (!kind.endsWith(suffix))
      for (const [outcome, count] of outcomes)
        if (!acceptedOnly || outcome.startsWith('2')) sum += count;
  return sum;
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** What had happened to the sandboxes that a sentence names: to be told at once, since it is soon overtaken. */
export function background(
  { database }: OwnStack,
  record: TortureRecord,
  sentence: string,
): readonly string[] {
  return [...sandboxesIn(record, sentence)].slice(0, 3).flatMap((id) => [
    `  operations on ${id}:`,
    ...record.history.of(id).slice(-LINES).map(indent),
    `  events of ${id}:`,
    ...lastEvents(database, id, LINES).map(indent),
    '  last faults:',
    ...record.history
      .of('faults')
      .slice(-LINES / 2)
      .map(indent),
  ]);
}

async function details(
  stack: OwnStack,
  { violations, told, subjects }: TortureRecord,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const logged = new Set<string>();
  for (const sentence of violations) {
    lines.push(`✗ ${sentence}`);
    for (const id of sandboxesIn({ told, subjects }, sentence)) {
      if (logged.has(id) || logged.size >= 5) continue;
      logged.add(id);
      lines.push(
        `  logs that name ${id}:`,
        ...(await logLines(stack, id)).map(indent),
      );
    }
  }
  return lines;
}

const indent = (line: string): string => `    ${line}`;

/** Sandboxes that a sentence names, by their own id or a job's. */
function sandboxesIn(
  { told, subjects }: Pick<TortureRecord, 'told' | 'subjects'>,
  sentence: string,
) {
  const ids = (sentence.match(/[0-9A-Za-z]{26}/g) ?? []).map((id) =>
    id.toUpperCase(),
  );
  return new Set(
    ids.flatMap((id) => {
      const job = told.jobs.get(id);
      if (job !== undefined) return [job.sandboxId];
      return subjects.has(id) ? [id] : [];
    }),
  );
}

async function logLines(
  stack: OwnStack,
  id: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of stack.children.keys()) {
    const text = await readFile(logFile(stack, name), 'utf8').catch(() => '');
    for (const line of text.split('\n'))
      if (line.includes(id) || line.includes(id.toLowerCase()))
        found.push(`${name}: ${line.slice(0, 400)}`);
  }
  return found.slice(-LINES);
}
