// Makes dist/computesdk, which is what is published, on top of dist/sdk, which it makes first.
//   scripts/build-computesdk.mjs     then: npm publish ./dist/computesdk
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import './build-sdk.mjs';

const root = new URL('../', import.meta.url).pathname;
const source = `${root}libs/computesdk`;
const dist = `${root}dist/computesdk`;
rmSync(dist, { recursive: true, force: true });

await build({
  entryPoints: [`${source}/src/index.ts`],
  outfile: `${dist}/index.js`,
  bundle: true,
  external: ['@computesdk/provider', '@sandboxed/sdk'],
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
execFileSync(
  process.execPath,
  [
    `${root}node_modules/typescript/bin/tsc`,
    ...['-p', `${source}/tsconfig.build.json`, '--outDir', dist],
  ],
  { stdio: 'inherit' },
);

const manifest = JSON.parse(readFileSync(`${source}/package.json`, 'utf8'));
const { version, description, license, dependencies } = manifest;
const sdk = JSON.parse(readFileSync(`${root}dist/sdk/package.json`, 'utf8'));
writeFileSync(
  `${dist}/package.json`,
  `${JSON.stringify(
    {
      name: manifest.name,
      ...{ version, description, license, type: 'module' },
      engines: { node: '>=20.4' },
      sideEffects: false,
      exports: { '.': { types: './index.d.ts', default: './index.js' } },
      files: ['**/*.d.ts', 'index.js', 'README.md'],
      dependencies: { ...dependencies, [sdk.name]: sdk.version },
    },
    null,
    2,
  )}\n`,
);
copyFileSync(`${source}/README.md`, `${dist}/README.md`);
copyFileSync(`${root}LICENSE`, `${dist}/LICENSE`);
