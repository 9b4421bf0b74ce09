// How bundles are made, and that of the resident agent: here for itself, since a test makes it, too.
import { build } from 'esbuild';
import { leftOut } from './left-out.mjs';
import { loadedLate } from './loaded-late.mjs';

/** What all bundles have in common. */
export const common = (outdir, isReadable = false) => ({
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  sourcemap: false,
  metafile: true,
  logLevel: 'warning',
  // A process keeps its source in memory. Names stay, and short lines: a stack trace in a log still says where.
  minifyWhitespace: !isReadable,
  minifySyntax: true,
  ...(!isReadable && { lineLimit: 200 }),
});

/** Writes `agent.cjs`: a startup snapshot is built from one script, which is no ECMAScript module. */
export const bundleAgent = (outdir, isReadable = false) =>
  build({
    ...common(outdir, isReadable),
    entryPoints: { agent: 'libs/agent/src/server/main.ts' },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins: [loadedLate, leftOut],
  });
