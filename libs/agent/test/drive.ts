import type {
  AgentClient,
  OutputFrame,
  ProcessState,
  ServiceState,
  StartProcess,
} from '../src/index.ts';
import { newId } from './ids.ts';

const POLL_MS = 10;

/** What a process wrote, and its last state. */
export type Run = {
  readonly stdout: string;
  readonly stderr: string;
  readonly state: ProcessState;
  readonly frames: readonly OutputFrame[];
};

/** Starts a process and reads it to its end. */
export async function run(
  client: AgentClient,
  request: Partial<StartProcess>,
): Promise<Run> {
  const id = request.id ?? newId();
  await client.startProcess({ id, output_cap_bytes: 1_000_000, ...request });
  return readAll(client, id);
}

/** Reads a process' output from `offset` to its end. */
export async function readAll(
  client: AgentClient,
  id: string,
  offset = 0,
): Promise<Run> {
  const text = { stdout: '', stderr: '' };
  const frames: OutputFrame[] = [];
  for await (const frame of client.followOutput(id, { offset })) {
    frames.push(frame);
    if (frame.type === 'exit') return { ...text, state: frame.state, frames };
    text[frame.stream] += frame.text;
  }
  throw new Error('the output ended without an exit');
}

/** Waits until a process has written `text`. */
export async function untilOutput(
  client: AgentClient,
  id: string,
  text: string,
): Promise<void> {
  let seen = '';
  for await (const frame of client.followOutput(id)) {
    if (frame.type === 'exit') break;
    seen += frame.text;
    if (seen.includes(text)) return;
  }
  throw new Error(`ended before it wrote ${text}: ${seen}`);
}

/** Asks until `found` says so, at most for `timeoutMs`. */
export async function until<T>(
  ask: () => Promise<T> | T,
  found: (answer: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (found(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`not in time; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Waits until a service's state is as `found` wants it. */
export function untilService(
  client: AgentClient,
  name: string,
  found: (state: ServiceState) => boolean,
): Promise<ServiceState | undefined> {
  return until(
    async () => (await client.services()).find((state) => state.name === name),
    (state) => state !== undefined && found(state),
  );
}

/** Whether a process runs (and is no zombie). */
export function alive(pid: number, stat: (path: string) => string): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(stat(`/proc/${String(pid)}/stat`));
  } catch {
    return false;
  }
}
