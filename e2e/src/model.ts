import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Where the scripted model listens: an address of the host that `SANDBOXED_EGRESS_ALLOW` of the tested stack names. */
const HOST = process.env['E2E_MODEL_HOST'] ?? '172.17.0.1';
const PORT = Number(process.env['E2E_MODEL_PORT'] ?? '18080');
export const MODEL_URL = `http://${HOST}:${PORT}`;

/** What a sandbox's coding agents need to talk to the scripted model instead of the providers. */
export function modelEnv(url = MODEL_URL): Record<string, string> {
  return {
    ANTHROPIC_API_KEY: 'sk-test',
    ANTHROPIC_BASE_URL: url,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: `${url}/v1`,
  };
}

/** The scripted model as a process of its own; answers what ends it. */
export async function startModel(): Promise<() => Promise<void>> {
  const main = join(__dirname, '../mock-llm/main.mjs');
  const argv = [main, '--host', '0.0.0.0', '--port', String(PORT)];
  const child: ChildProcess = spawn(process.execPath, argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the model has no output');
  const [line] = (await once(child.stdout, 'data', {
    signal: AbortSignal.timeout(10_000),
  })) as unknown[];
  if (!String(line).includes('listening'))
    throw new Error(`the model did not start: ${String(line)}`);
  // What it goes on to say is of no use here, but has to be taken.
  child.stdout.resume();
  return async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  };
}
