// Makes what is published of one room: a module of plain JavaScript, its types where it has some, and a package.json of its own.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { build } from 'esbuild';
import { LICENCES, thirdParty } from './third-party.mjs';

const root = new URL('../', import.meta.url).pathname;

/**
 * Makes `dist/<name>` of the room at `source`. `manifest` answers what is special about its package.json, of what the room's own says;
 * `bundle` what is special about its bundle. A room with a tsconfig.build.json has its types made.
 */
export async function buildPackage({
  source,
  name,
  entry,
  outfile,
  bundle,
  manifest,
}) {
  const room = `${root}${source}`;
  const dist = `${root}dist/${name}`;
  rmSync(dist, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`${room}/src/${entry}`],
    outfile: `${dist}/${outfile}`,
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    metafile: true,
    ...bundle,
  });
  const licences = thirdParty(root, metafile);
  const hasTypes = existsSync(`${room}/tsconfig.build.json`);
  if (hasTypes)
    execFileSync(
      process.execPath,
      [
        `${root}node_modules/typescript/bin/tsc`,
        ...['-p', `${room}/tsconfig.build.json`, '--outDir', dist],
      ],
      { stdio: 'inherit' },
    );
  const own = JSON.parse(readFileSync(`${room}/package.json`, 'utf8'));
  const { version, description, license } = own;
  const made = {
    name: own.name,
    ...{ version, description, license, type: 'module' },
    ...manifest(own),
    files: [
      ...(hasTypes ? ['**/*.d.ts'] : []),
      ...(licences === undefined ? [] : [LICENCES]),
      outfile,
      'README.md',
    ],
  };
  writeFileSync(`${dist}/package.json`, `${JSON.stringify(made, null, 2)}\n`);
  copyFileSync(`${room}/README.md`, `${dist}/README.md`);
  if (licences !== undefined) writeFileSync(`${dist}/${LICENCES}`, licences);
  copyFileSync(`${root}LICENSE`, `${dist}/LICENSE`);
  return made;
}

/** For libraries that run where there is no Node, too: nothing of its own is in them. */
export const FOR_BROWSERS = { platform: 'browser', target: 'es2022' };

/** What a library says of itself. */
export const LIBRARY = {
  engines: { node: '>=20.4' },
  sideEffects: false,
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
};
