// Makes dist/sdk, which is what is published: one module of plain JavaScript, its types, and a package.json of its own.
//   scripts/build-sdk.mjs     then: npm publish ./dist/sdk
import { buildPackage, FOR_BROWSERS, LIBRARY } from './build-package.mjs';

/** Its package.json. */
export const sdk = await buildPackage({
  ...{ source: 'libs/sdk', name: 'sdk' },
  ...{ entry: 'index.ts', outfile: 'index.js', bundle: FOR_BROWSERS },
  manifest: () => LIBRARY,
});
