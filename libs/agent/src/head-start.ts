import fs from 'node:fs';
import path from 'node:path';
import { type AgentBoot, bootSchema } from './protocol.ts';

/** What an agent begins with before anybody can ask it: a boot without a template. */
export type HeadStart = Omit<AgentBoot, 'template'>;

/** Bytes that a pipe holds. What is longer is not given: it comes with the boot. */
const MOST_BYTES = 65_536;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = fs.constants;

/** The named pipe in an agent's directory. An agent leaves it for the next one; what lies in it is nowhere on a disk. */
export function headStartPipe(agentDirectory: string): string {
  return path.join(agentDirectory, 'head-start');
}

/**
 * Lays a boot where the agent that starts next finds it, until it is disposed of. It is a head start and no more: there may be no pipe
 * yet, or an agent that does not look, and the boot which comes once that agent answers is what counts.
 */
export function giveHeadStart(
  agentDirectory: string,
  headStart: HeadStart,
): Disposable {
  // Both ends, since one end alone would wait for the other, and what lies in a pipe goes with its last holder.
  const pipe = openPipe(agentDirectory, O_RDWR);
  try {
    const bytes = Buffer.from(JSON.stringify(headStart));
    if (pipe !== undefined && bytes.length <= MOST_BYTES)
      fs.writeSync(pipe, bytes);
  } catch {
    // Full: the kernel gives small pipes to who has many. Half of a message is none to its reader.
  }
  return {
    [Symbol.dispose]() {
      if (pipe !== undefined) fs.closeSync(pipe);
    },
  };
}

/** What was given to the agent that starts in this directory; undefined when nothing was, or nothing that can be understood. */
export function takeHeadStart(agentDirectory: string): HeadStart | undefined {
  const pipe = openPipe(agentDirectory, O_RDONLY);
  if (pipe === undefined) return undefined;
  try {
    const bytes = Buffer.allocUnsafe(MOST_BYTES);
    const size = fs.readSync(pipe, bytes);
    const said: unknown = JSON.parse(bytes.toString('utf8', 0, size));
    return bootSchema.parse(said);
  } catch {
    // Empty, cut short or from another version: the boot will say.
    return undefined;
  } finally {
    fs.closeSync(pipe);
  }
}

/** Undefined for anything but a pipe: the directory is the tenant's. */
function openPipe(agentDirectory: string, access: number): number | undefined {
  let opened: number;
  try {
    const name = headStartPipe(agentDirectory);
    opened = fs.openSync(name, access | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (fs.fstatSync(opened).isFIFO()) return opened;
  fs.closeSync(opened);
  return undefined;
}
