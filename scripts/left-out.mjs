// What the bundles go without: parts of packages that are loaded with them and that nothing here calls. Each costs every process its memory.
import { dirname } from 'node:path';

/** Whole packages, by who asks for them: BuildKit and SSH of dockerode, the cron patterns of BullMQ. */
const PACKAGES = [
  { name: /^@grpc\/(grpc-js|proto-loader)$/, from: 'dockerode' },
  { name: /^protobufjs$/, from: 'dockerode' },
  { name: /^ssh2$/, from: 'docker-modem' },
  { name: /^cron-parser$/, from: 'bullmq' },
];

/** Whoever does call one is told so, and where to change it. */
const REFUSES = `const refuse = () => { throw new Error('left out of the bundle: see scripts/left-out.mjs'); };
module.exports = new Proxy(refuse, { get: (_, name) => (name === '__esModule' || typeof name === 'symbol' ? undefined : refuse) });`;

/** An esbuild plugin. */
export const leftOut = {
  name: 'left-out',
  setup(build) {
    for (const { name, from } of PACKAGES)
      build.onResolve({ filter: name }, ({ importer, path }) =>
        importer.includes(`/node_modules/${from}/`)
          ? { path, namespace: 'left-out' }
          : undefined,
      );
    build.onResolve({ filter: /\/postgres(\/|$)/ }, ({ importer, path }) =>
      importer.includes('/node_modules/bullmq/')
        ? { path: `bullmq ${path}`, namespace: 'left-out' }
        : undefined,
    );
    // To import it reads all its names, and `WebSocket` among them loads the client behind fetch: 40 ms and 5 MB of each agent's start.
    build.onResolve({ filter: /^node:http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'by-name' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'by-name' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
      loader: 'js',
    }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
      contents: REFUSES,
      loader: 'js',
    }));
    // Problems are told in English.
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};
