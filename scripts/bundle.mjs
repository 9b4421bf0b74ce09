// Bundles each process into one file: dist/{api,worker,reaper,socket-proxy,cli,mcp,sandboxed}.mjs and dist/agent.cjs, and what few installations use into files beside them, see lazy.mjs; dist/docs is what the api serves at /docs, dist/console at /.
// better-sqlite3 has a native part and stays outside. With --readable lines keep their breaks and the names of their files, for profiles.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';
import { bundleAgent, common } from './bundle-agent.mjs';
import { leftOut } from './left-out.mjs';
import { LICENCES, thirdParty } from './third-party.mjs';
import { lazy } from './lazy.mjs';

const entries = {
  api: 'apps/api/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  reaper: 'apps/reaper/src/main.ts',
  'socket-proxy': 'apps/socket-proxy/src/main.ts',
  cli: 'apps/cli/src/main.ts',
  mcp: 'apps/mcp/src/main.ts',
  // What users type, beside cli, which is for the host.
  sandboxed: 'apps/client/src/main.ts',
  'bull-board': 'libs/queue/src/bull-board.ts',
  'pretty-log': 'libs/runtime/src/pretty-log.ts',
  'open-telemetry': 'libs/runtime/src/open-telemetry.ts',
};

const isReadable = process.argv.includes('--readable');

const processes = await build({
  ...common('dist', isReadable),
  entryPoints: entries,
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  plugins: [lazy(Object.keys(entries)), leftOut],
  external: ['better-sqlite3', 'cpu-features', '*.node'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); import { fileURLToPath as __fileURLToPath } from 'node:url'; const __filename = __fileURLToPath(import.meta.url); const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
  },
});

const agent = await bundleAgent('dist', isReadable);

const outputs = { ...processes.metafile.outputs, ...agent.metafile.outputs };
writeFileSync(join('dist', LICENCES), thirdParty('', { outputs }));

mkdirSync('dist/docs', { recursive: true });
for (const file of [
  import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
])
  copyFileSync(fileURLToPath(file), join('dist/docs', basename(file)));

// Vite would heed that of a test and build for development, twice the size.
process.env.NODE_ENV = 'production';
await buildPage({ root: 'apps/console', logLevel: 'warn' });
