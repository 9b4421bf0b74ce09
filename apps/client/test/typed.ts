import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How the program ended, and what it wrote. */
export interface Typed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/cli-package/sandboxed.mjs');

/** Makes the program as it is published, since its sources take a second or two to start. */
export async function bundle(): Promise<void> {
  const script = join(ROOT, 'scripts/build-cli.mjs');
  await promisify(execFile)(process.execPath, [script]);
}

/** Runs the program as a user does, with an environment of these variables alone. */
export async function typed(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdin = '',
): Promise<Typed> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { ...environment },
    timeout: 20_000,
  });
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  return { code, stdout, stderr };
}
