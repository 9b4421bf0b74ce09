import { z } from 'zod';
import type { AppFacts, Detected } from './app-facts.ts';
import { DETECTED_PORT } from './app-facts.ts';
import { installOnce } from './install-once.ts';

interface PackageManager {
  readonly lockFiles: readonly string[];
  readonly install: string;
  /** Runs a script; arguments that follow reach the script. */
  readonly run: (script: string, args: string) => string;
}

const plain =
  (program: string) =>
  (script: string, args: string): string =>
    `${program} run ${script}${args === '' ? '' : ` ${args}`}`;

const NPM: PackageManager = {
  lockFiles: ['package-lock.json', 'npm-shrinkwrap.json'],
  install: 'npm install',
  run: (script, args) => plain('npm')(script, args === '' ? '' : `-- ${args}`),
};

/** The first whose lock file is there is the app's own. */
const PACKAGE_MANAGERS: readonly PackageManager[] = [
  NPM,
  {
    lockFiles: ['pnpm-lock.yaml'],
    // Without a terminal pnpm refuses to replace a folder that another package manager made.
    install: 'pnpm install --config.confirm-modules-purge=false',
    run: plain('pnpm'),
  },
  { lockFiles: ['yarn.lock'], install: 'yarn install', run: plain('yarn') },
  {
    lockFiles: ['bun.lock', 'bun.lockb'],
    install: 'bun install',
    run: plain('bun'),
  },
];

const port = String(DETECTED_PORT);
const hostAndPort = `--host 0.0.0.0 --port ${port}`;

/** Servers that listen on another port, or on the loopback interface alone, unless told so on their command line. */
const SERVER_ARGUMENTS: Readonly<Partial<Record<string, string>>> = {
  vite: `${hostAndPort} --strictPort`,
  next: `-H 0.0.0.0 -p ${port}`,
  astro: hostAndPort,
  nuxt: hostAndPort,
  nuxi: hostAndPort,
  'react-router': hostAndPort,
  remix: hostAndPort,
  'vue-cli-service': hostAndPort,
  ng: hostAndPort,
  webpack: hostAndPort,
  'webpack-dev-server': hostAndPort,
  rsbuild: hostAndPort,
  parcel: hostAndPort,
  gatsby: `-H 0.0.0.0 -p ${port}`,
  serve: `-l tcp://0.0.0.0:${port}`,
  'http-server': `-a 0.0.0.0 -p ${port}`,
  wrangler: `--ip 0.0.0.0 --port ${port}`,
};

const packageSchema = z.looseObject({
  scripts: z.record(z.string(), z.unknown()).catch({}).default({}),
});

/** An app with a package.json: its `dev` script, else `start`, and its `build` script. */
export function detectNode({ present, texts }: AppFacts): Detected {
  if (!present.includes('package.json')) return {};
  const text = texts['package.json'];
  if (text === undefined)
    return { problem: 'package.json is not a plain text file up to 64 KiB' };
  const parsed = packageSchema.safeParse(parseJson(text));
  if (!parsed.success) return { problem: 'package.json is not valid JSON' };
  const manager =
    PACKAGE_MANAGERS.find(({ lockFiles }) =>
      lockFiles.some((file) => present.includes(file)),
    ) ?? NPM;
  const install = installOnce({
    folder: 'node_modules',
    wishes: ['package.json'],
    locks: manager.lockFiles,
    command: manager.install,
  });
  const scripts = new Map(Object.entries(parsed.data.scripts));
  const command = (script: string, args: string): string =>
    `${install}\nexec ${manager.run(script, args)}`;
  const serve = ['dev', 'start'].find((name) => isScript(scripts.get(name)));
  return {
    ...(serve !== undefined && {
      command: command(serve, serverArguments(scripts.get(serve))),
    }),
    ...(isScript(scripts.get('build')) && { build: command('build', '') }),
  };
}

/** What the last command of a script needs: that is the one that arguments reach. Others go by PORT and HOST. */
function serverArguments(script: unknown): string {
  if (typeof script !== 'string') return '';
  const last = script.split(/&&|\|\||[;|&\n]/).at(-1) ?? '';
  const words = last.trim().split(/\s+/, 20);
  const program = words.find((word) => !isPrefix(word)) ?? '';
  const name = program.slice(program.lastIndexOf('/') + 1);
  return Object.hasOwn(SERVER_ARGUMENTS, name)
    ? (SERVER_ARGUMENTS[name] ?? '')
    : '';
}

/** What stands before the program itself: variables, and programs that run another. */
function isPrefix(word: string): boolean {
  return (
    /^\w+=/.test(word) ||
    ['cross-env', 'npx', 'bunx', '--bun', 'exec'].includes(word)
  );
}

const isScript = (script: unknown): boolean =>
  typeof script === 'string' && script.trim() !== '';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Not an object: the caller's schema refuses it with the rest.
    return undefined;
  }
}
