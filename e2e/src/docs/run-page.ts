import { createReadStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Block } from './block.ts';
import type { Problem } from './check-blocks.ts';
import { matchesOutput } from './matches-output.ts';
import type { Page } from './page.ts';
import { runScript } from './run-script.ts';

/** What the commands of a page did. */
interface PageRun {
  readonly problems: readonly Problem[];
  /** Ids that commands named or printed: of sandboxes and keys among others. */
  readonly ids: ReadonlySet<string>;
}

const ULID = /\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g;
/** Of what a block prints, so much is looked at. */
const READ_BYTES = 1_048_576;

/**
 * Runs the commands of a page in their order as one bash script in `root`, with an empty home in `scratch`, and compares what they
 * print with what the page shows. Ended after `timeoutMs`.
 */
export async function runPage(
  root: string,
  page: Page,
  scratch: string,
  timeoutMs: number,
): Promise<PageRun> {
  const home = join(scratch, 'home');
  await mkdir(home);
  const script = join(scratch, 'script');
  await writeFile(script, scriptOf(page.blocks, scratch));
  const env = { ...process.env, HOME: home, TMPDIR: scratch };
  const code = await runScript(script, root, env, timeoutMs);

  const trace = await read(join(scratch, 'trace'));
  const texts = [trace];
  const problems: Problem[] = [];
  const reached = page.blocks.findLastIndex((_, index) =>
    existsSync(outputOf(scratch, index)),
  );
  const howItEnded = async (): Promise<string> => {
    const how =
      code === undefined
        ? `took more than ${timeoutMs} ms`
        : `ended with ${code}`;
    const printed = await read(outputOf(scratch, reached));
    const said = await read(errorsOf(scratch, reached));
    return [how, trace.slice(-1_000), printed.slice(-1_000), said].join('\n');
  };
  for (const [index, block] of page.blocks.entries()) {
    if (block.treatment !== 'run') continue;
    const printed = await read(outputOf(scratch, index));
    texts.push(printed);
    const message =
      index > reached
        ? 'was not run'
        : index < reached || code === 0
          ? difference(page.blocks[index + 1], printed)
          : await howItEnded();
    if (message !== undefined)
      problems.push({ page: page.path, line: block.line, message });
  }
  return {
    problems,
    ids: new Set(texts.flatMap((printed) => printed.match(ULID) ?? [])),
  };
}

/** What is wrong with what a block printed, when `next` shows it. */
function difference(
  next: Block | undefined,
  printed: string,
): string | undefined {
  if (next?.treatment !== 'output' || matchesOutput(next.content, printed))
    return undefined;
  return `printed something else than the page shows:\n${printed.slice(0, 2_000)}`;
}

/** Each block writes to files of its own: the last one that is there was the last to run. */
function scriptOf(blocks: readonly Block[], scratch: string): string {
  return [
    'set -euo pipefail',
    `exec {BASH_XTRACEFD}>'${join(scratch, 'trace')}'`,
    'set -x',
    ...blocks.flatMap(({ treatment, content }, index) =>
      treatment === 'run'
        ? [
            `exec >'${outputOf(scratch, index)}' 2>'${errorsOf(scratch, index)}'`,
            content,
          ]
        : [],
    ),
  ].join('\n');
}

const outputOf = (scratch: string, index: number): string =>
  join(scratch, `${index}.out`);
const errorsOf = (scratch: string, index: number): string =>
  join(scratch, `${index}.err`);

async function read(file: string): Promise<string> {
  if (!existsSync(file)) return '';
  return text(createReadStream(file, { end: READ_BYTES - 1 }));
}
