import { parseDocument } from 'yaml';
import type { Block } from './block.ts';
import type { Page } from './page.ts';

/** A fault of a page, at a line of it. */
export interface Problem {
  readonly page: string;
  readonly line: number;
  readonly message: string;
}

/** What is wrong with a page's blocks as far as reading tells: markers, JSON, YAML, output that follows no command, and a page where nothing is tried. */
export function checkBlocks({ path, blocks }: Page): readonly Problem[] {
  const problems = blocks.flatMap((block, index) =>
    [...block.problems, ...faultsOf(block, blocks[index - 1])].map(
      (message) => ({ page: path, line: block.line, message }),
    ),
  );
  const isTried = blocks.some(
    ({ treatment }) => treatment !== 'none' && treatment !== 'show',
  );
  if (blocks.length > 0 && !isTried)
    problems.push({
      page: path,
      line: 1,
      message: 'a page with blocks has one at least that is tried',
    });
  return problems;
}

function faultsOf(block: Block, before: Block | undefined): readonly string[] {
  switch (block.treatment) {
    case 'parse-json':
      return faultOfJson(block.content);
    case 'parse-yaml':
      return parseDocument(block.content).errors.map(({ message }) => message);
    case 'output':
      return before?.treatment === 'run'
        ? []
        : ['output follows the block that prints it'];
    case 'run':
    case 'check-types':
    case 'show':
    case 'none':
      return [];
  }
}

function faultOfJson(text: string): readonly string[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
