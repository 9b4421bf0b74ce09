// Makes dist/sdk, which is what is published: one module of plain JavaScript, its types, and a package.json of its own.
//   scripts/build-sdk.mjs     then: npm publish ./dist/sdk
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url).pathname;
const sdk = `${root}libs/sdk`;
const dist = `${root}dist/sdk`;
rmSync(dist, { recursive: true, force: true });

await build({
  entryPoints: [`${sdk}/src/index.ts`],
  outfile: `${dist}/index.js`,
  bundle: true,
  // Nothing of Node's own, so that one file is for browsers, too.
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
execFileSync(
  process.execPath,
  [
    `${root}node_modules/typescript/bin/tsc`,
    '-p',
    `${sdk}/tsconfig.build.json`,
    '--outDir',
    dist,
  ],
  { stdio: 'inherit' },
);

const { version, description, license } = JSON.parse(
  readFileSync(`${sdk}/package.json`, 'utf8'),
);
writeFileSync(
  `${dist}/package.json`,
  `${JSON.stringify(
    {
      name: '@sandboxed/sdk',
      version,
      description,
      license,
      type: 'module',
      engines: { node: '>=20.4' },
      sideEffects: false,
      exports: { '.': { types: './index.d.ts', default: './index.js' } },
      files: ['**/*.d.ts', 'index.js', 'README.md'],
    },
    null,
    2,
  )}\n`,
);
for (const [from, to] of [
  [`${sdk}/README.md`, 'README.md'],
  [`${root}LICENSE`, 'LICENSE'],
])
  copyFileSync(from, `${dist}/${to}`);
