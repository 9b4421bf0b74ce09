/** What each room may import: other rooms (through their index alone), npm packages, and Node's own modules. */
const rules = {
  'libs/domain': { use: [], npm: ['zod', 'ulid', 'yaml'] },
  'libs/runtime': {
    use: [],
    npm: ['zod', 'pino', 'pino-pretty', '@opentelemetry'],
    builtins: true,
  },
  'libs/agent': { use: [], npm: ['zod'], builtins: true },
  'libs/coding-agents': { use: ['libs/domain'], npm: ['zod'] },
  'libs/store': {
    use: ['libs/domain'],
    npm: ['better-sqlite3', 'ulid', 'zod'],
    builtins: true,
  },
  'libs/queue': {
    use: ['libs/domain'],
    npm: ['bullmq', 'ioredis', 'zod', '@bull-board'],
    builtins: true,
  },
  'libs/files': { use: ['libs/domain'], npm: [], builtins: true },
  // Runs where there is no Node, and is published by itself.
  'libs/sdk': { use: [], npm: [] },
  'libs/computesdk': {
    use: ['libs/sdk'],
    npm: ['@computesdk/provider', 'computesdk'],
  },
  'libs/docker': {
    use: ['libs/domain'],
    npm: ['dockerode', 'zod'],
    builtins: true,
  },
  'libs/jobs': {
    use: ['libs/domain', 'libs/runtime', 'libs/store', 'libs/agent'],
    npm: ['pino'],
    builtins: true,
  },
  'apps/api': {
    use: [
      'libs/domain',
      'libs/runtime',
      'libs/store',
      'libs/jobs',
      'libs/queue',
      'libs/agent',
      'libs/files',
    ],
    npm: ['express', 'express-serve-static-core', 'pino', 'ulid', 'ws', 'zod'],
    builtins: true,
  },
  'apps/worker': {
    use: [
      'libs/domain',
      'libs/runtime',
      'libs/store',
      'libs/jobs',
      'libs/queue',
      'libs/docker',
      'libs/agent',
      'libs/files',
      'libs/coding-agents',
    ],
    npm: ['pino', 'ulid', 'zod'],
    builtins: true,
  },
  'apps/reaper': {
    use: ['libs/domain', 'libs/runtime', 'libs/store', 'libs/queue'],
    npm: ['pino', 'ulid', 'zod'],
    builtins: true,
  },
  'apps/socket-proxy': {
    use: ['libs/domain', 'libs/runtime'],
    npm: ['zod'],
    builtins: true,
  },
  'apps/mcp': {
    use: ['libs/runtime', 'libs/sdk'],
    npm: ['@modelcontextprotocol/sdk', 'zod'],
    builtins: true,
  },
  // Runs in a browser.
  'apps/console': {
    use: ['libs/sdk'],
    npm: [
      'react',
      'react-dom',
      'wouter',
      '@tanstack/react-query',
      '@codemirror',
      '@lezer',
      'codemirror',
      '@xterm',
      'react-resizable-panels',
    ],
  },
  // Is published by itself.
  'apps/client': {
    use: ['libs/sdk'],
    npm: ['commander', 'tar', 'zod'],
    builtins: true,
  },
  'apps/cli': {
    use: ['libs/domain', 'libs/runtime', 'libs/store'],
    npm: ['zod'],
    builtins: true,
  },
};

const boundary = ([folder, { use, npm, builtins }]) => ({
  name: `${folder}-imports`,
  severity: 'error',
  from: { path: `^${folder}/src/`, pathNot: '[.]test[.]ts$' },
  to: {
    pathNot: [
      `^${folder}/src/`,
      ...use.map((room) => `^${room}/src/index[.]ts$`),
      ...npm.map((name) => `^(${folder}/)?node_modules/(@types/)?${name}/`),
    ],
    ...(builtins && { dependencyTypesNot: ['core'] }),
  },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'unlisted-room',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: Object.keys(rules).map((folder) => `^${folder}/`),
      },
      to: {},
    },
    ...Object.entries(rules).map(boundary),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(apps|libs)/[^/]+/dist/' },
  },
};
