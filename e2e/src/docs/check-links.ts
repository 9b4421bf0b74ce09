import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Problem } from './check-blocks.ts';
import type { Page } from './page.ts';

/** Links that lead nowhere: to files that are not in the repository at `root`, or to anchors that no heading of `pages` makes. */
export function checkLinks(
  root: string,
  pages: readonly Page[],
): readonly Problem[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return pages.flatMap((page) =>
    page.links.flatMap(({ line, target }) => {
      const message = faultOf(root, byPath, page, target);
      return message === undefined ? [] : [{ page: page.path, line, message }];
    }),
  );
}

function faultOf(
  root: string,
  byPath: ReadonlyMap<string, Page>,
  page: Page,
  target: string,
): string | undefined {
  // Of the outside world nothing is asked here.
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const path =
    file === '' ? page.path : normalize(join(dirname(page.path), file));
  if (path.startsWith('..')) return `${target} leads out of the repository`;
  if (!byPath.has(path) && !existsSync(join(root, path)))
    return `${target} is not there`;
  if (anchor === undefined) return undefined;
  const anchors = byPath.get(path)?.anchors;
  return anchors?.has(anchor) === true
    ? undefined
    : `${target}: ${path} has no such heading`;
}
