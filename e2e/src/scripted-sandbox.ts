import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { AgentExit, Invocation } from '@sandboxed/coding-agents';
import { z } from 'zod';

const exec = promisify(execFile);

const IMAGE = 'sandboxed/sandbox:latest';
const APP = '/home/sandbox/workspace/app';
const BODIES = '/tmp/bodies';

/** As hardened as the platform's own sandboxes, and with no network but the scripted model on its own loopback. */
const FLAGS = [
  ...['--init', '--read-only', '--cap-drop=ALL', '--network=none'],
  ...['--security-opt=no-new-privileges', '--pids-limit=512'],
  ...['--memory=1g', '--user=1000:1000', '--workdir=/home/sandbox'],
  ...['--tmpfs', '/tmp', '--tmpfs', '/home/sandbox:uid=1000,gid=1000,exec'],
];

/** A container of the sandbox image with the scripted model server in it. */
export interface ScriptedSandbox {
  /** Runs a program, line by line; `onLine` answers whether to interrupt it. It is killed after `limitMs`. */
  run(
    invocation: Invocation,
    limitMs: number,
    onLine: (stream: 'stdout' | 'stderr', text: string) => boolean,
  ): Promise<AgentExit>;
  output(argv: readonly string[]): Promise<string>;
  /** How many requests to the model that offer tools hold the text, and how many do not. */
  requestsWith(text: string): Promise<{ withRules: number; without: number }>;
  remove(): Promise<void>;
}

const PID_FILE = '/tmp/program.pid';
const WITH_PID = ['bash', '-c', `echo $$ >${PID_FILE}; exec "$@"`, 'run'];

/** `files` are written before the scripted model starts. */
export async function startScriptedSandbox(
  files: Readonly<Record<string, string>>,
): Promise<ScriptedSandbox> {
  const mock = join(import.meta.dirname, '../mock-llm');
  const serve = `exec node /mock/main.mjs --port 8080 --dump ${BODIES}`;
  const { stdout } = await exec('docker', [
    ...['run', '--detach', ...FLAGS, '--volume', `${mock}:/mock:ro`],
    ...[IMAGE, 'bash', '-c', `mkdir -p ${APP}; ${serve}`],
  ]);
  const id = stdout.trim();
  const within = (argv: readonly string[]): string[] => [
    ...['exec', '--workdir', APP, id],
    ...argv,
  ];
  const output = async (argv: readonly string[]): Promise<string> =>
    (await exec('docker', within(argv), { maxBuffer: 64 * 1024 * 1024 }))
      .stdout;
  const signal = (name: string): void => {
    void exec('docker', [
      ...['exec', id, 'bash', '-c', `kill -${name} $(<${PID_FILE})`],
    ]);
  };

  for (const [path, text] of Object.entries(files)) {
    const write = ['bash', '-c', 'printf %s "$2" >"$1"', 'write', path, text];
    await exec('docker', ['exec', id, ...write]);
  }
  await exec('docker', [
    ...['exec', id, 'curl', '--silent', '--retry', '20', '--retry-delay', '1'],
    ...['--retry-connrefused', 'http://127.0.0.1:8080/__mock/health'],
  ]);

  return {
    output,
    async run({ argv, env, stdin }, limitMs, onLine) {
      const variables = Object.entries(env).flatMap(([name, value]) => [
        '--env',
        `${name}=${value}`,
      ]);
      const child = spawn('docker', [
        ...['exec', '--interactive', '--workdir', APP, ...variables, id],
        ...[...WITH_PID, ...argv],
      ]);
      const timer = setTimeout(() => {
        signal('KILL');
      }, limitMs);
      for (const stream of ['stdout', 'stderr'] as const)
        createInterface({ input: child[stream] }).on('line', (line) => {
          if (onLine(stream, `${line}\n`)) signal('INT');
        });
      child.stdin.end(stdin);
      const [exitCode] = z
        .tuple([z.int()])
        .rest(z.unknown())
        .parse(await once(child, 'close'));
      clearTimeout(timer);
      return { exitCode };
    },
    async requestsWith(text) {
      const bodies = await output([
        ...['bash', '-c', `for f in ${BODIES}/*; do cat "$f"; echo; done`],
      ]);
      // A request for a title or a summary offers no tools and needs no rules.
      const asked = bodies
        .split('\n')
        .filter((body) => /"tools":\[\{/.test(body));
      const withRules = asked.filter((body) => body.includes(text)).length;
      return { withRules, without: asked.length - withRules };
    },
    async remove() {
      await exec('docker', ['rm', '--force', '--volumes', id]);
    },
  };
}
