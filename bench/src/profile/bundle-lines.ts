import type { CallFrame } from './cpu-profile.ts';

/** What esbuild writes above each module of a bundle. */
const MODULE_LINE = /^\s*\/\/ ((?:apps|libs|node_modules)\/\S+)$/;
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;

type Naming = (frame: CallFrame, caller: CallFrame | undefined) => string;

/** Names a function's file of ours, or its package, by the bundle that it is in; native code by who called it. */
export interface BundleNames {
  readonly file: Naming;
  readonly function: Naming;
}

export function bundleNames(bundle: string): BundleNames {
  const starts: { readonly line: number; readonly module: string }[] = [];
  for (const [line, text] of bundle.split('\n').entries()) {
    const module = MODULE_LINE.exec(text)?.[1];
    if (module !== undefined) starts.push({ line, module });
  }
  const file: Naming = ({ functionName, url, lineNumber }, caller) => {
    if (url === '')
      return functionName.startsWith('(') || caller === undefined
        ? functionName
        : `native under ${file(caller, undefined)}`;
    if (!url.endsWith('.mjs') || url.startsWith('node:'))
      return (
        PACKAGE.exec(url.slice(url.lastIndexOf('node_modules/')))?.[1] ?? url
      );
    const found = starts.findLast(({ line }) => line <= lineNumber)?.module;
    if (found === undefined) return url;
    return PACKAGE.exec(found)?.[1] ?? found;
  };
  return {
    file,
    function: (frame, caller) =>
      `${frame.functionName || '(anonymous)'} · ${file(frame, caller)}`,
  };
}
