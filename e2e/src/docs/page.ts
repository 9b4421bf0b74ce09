import MarkdownIt from 'markdown-it';
import type { Block } from './block.ts';
import { readBlock } from './block.ts';

/** A place where a page points to: another page, a file, an anchor. `line` counts from 1. */
interface Link {
  readonly line: number;
  readonly target: string;
}

/** A page of the documentation, taken apart. `path` is relative to the repository. */
export interface Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** Of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

const markdown = new MarkdownIt();

/** Takes a page apart; `path` is only its name. */
export function readPage(path: string, source: string): Page {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const headings: string[] = [];
  // Lists and quotations are flat here: what is in them is a token like any other.
  const tokens = markdown.parse(source, {});
  for (const [index, token] of tokens.entries()) {
    const line = (token.map?.[0] ?? 0) + 1;
    if (token.type === 'fence' || token.type === 'code_block')
      blocks.push(readBlock(token.info, token.content, line));
    if (token.type === 'heading_open')
      headings.push(plainText(tokens[index + 1]?.children ?? []));
    for (const child of token.children ?? []) {
      const target = child.attrGet(child.type === 'image' ? 'src' : 'href');
      if (target !== null) links.push({ line, target: String(target) });
    }
  }
  return { path, blocks, links, anchors: anchorsOf(headings) };
}

function plainText(children: readonly { content: string }[]): string {
  return children.map(({ content }) => content).join('');
}

/** GitHub's rule: letters, digits, `_` and `-` in lower case, spaces as `-`, a number after one that was there before. */
function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}
