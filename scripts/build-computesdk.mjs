// Makes dist/computesdk, which is what is published, on top of dist/sdk, which it makes first.
//   scripts/build-computesdk.mjs     then: npm publish ./dist/computesdk
import { buildPackage, FOR_BROWSERS, LIBRARY } from './build-package.mjs';
import { sdk } from './build-sdk.mjs';

await buildPackage({
  ...{ source: 'libs/computesdk', name: 'computesdk' },
  ...{ entry: 'index.ts', outfile: 'index.js' },
  bundle: {
    ...FOR_BROWSERS,
    external: ['@computesdk/provider', '@sandboxed/sdk'],
  },
  manifest: ({ dependencies }) => ({
    ...LIBRARY,
    dependencies: { ...dependencies, [sdk.name]: sdk.version },
  }),
});
