import { posix } from 'node:path';
import { usageProblem } from '../problem.ts';

/** Where something is copied from or to. */
export type Place =
  | { readonly kind: 'stream' }
  | { readonly kind: 'here'; readonly path: string }
  | {
      readonly kind: 'sandbox';
      readonly sandbox: string;
      /** Relative to the app directory, which is ''. */
      readonly path: string;
      /** Whether it was written as what is to be a directory: `a/`, `a/.` or nothing at all. */
      readonly isDirectory: boolean;
      /** Whether what is in it is meant: `a/.`. */
      readonly isContents: boolean;
    };

const APP = '/home/sandbox/workspace/app';

/** Reads `-`, a path of this host, or `<sandbox>:<path>`. A path here that has a colon is written as `./a:b`. */
export function readPlace(text: string): Place {
  if (text === '-') return { kind: 'stream' };
  const at = text.indexOf(':');
  if (at < 1 || text.slice(0, at).includes('/'))
    return { kind: 'here', path: text };
  const written = text.slice(at + 1);
  return {
    kind: 'sandbox',
    sandbox: text.slice(0, at),
    path: appPath(written),
    isDirectory: /(^|\/)\.?$/.test(written),
    isContents: /(^|\/)\.$/.test(written),
  };
}

/** A path as the files calls take it. */
function appPath(written: string): string {
  const absolute = written.replace(/^~(?=\/|$)/, '/home/sandbox');
  const path = posix.join(
    APP,
    absolute.startsWith(`${APP}/`) || absolute === APP
      ? posix.relative(APP, absolute)
      : absolute,
  );
  const isAbsolute =
    absolute.startsWith('/') &&
    absolute !== APP &&
    !absolute.startsWith(`${APP}/`);
  if (isAbsolute || (path !== APP && !path.startsWith(`${APP}/`)))
    throw usageProblem(
      `${written} is not in the app directory.`,
      `Only what is below ${APP} can be copied; paths are relative to it.`,
    );
  return posix.relative(APP, path);
}
