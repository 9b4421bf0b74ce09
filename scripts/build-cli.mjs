// Makes dist/cli-package, which is what is published for people elsewhere: the command line in one file, with all that it needs.
//   scripts/build-cli.mjs     then: npm publish ./dist/cli-package
import { buildPackage } from './build-package.mjs';
import { leftOut } from './left-out.mjs';

await buildPackage({
  ...{ source: 'apps/client', name: 'cli-package' },
  ...{ entry: 'main.ts', outfile: 'sandboxed.mjs' },
  bundle: {
    platform: 'node',
    target: 'node22.12',
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    plugins: [leftOut],
    banner: { js: '#!/usr/bin/env node' },
  },
  manifest: () => ({
    name: 'sandboxed',
    engines: { node: '>=22.12' },
    bin: { sandboxed: 'sandboxed.mjs' },
  }),
});
