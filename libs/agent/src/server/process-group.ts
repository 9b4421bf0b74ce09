import fs from 'node:fs';
import type { AgentSignal } from '../protocol.ts';
import { pause } from './pause.ts';

/** Milliseconds between TERM and KILL. */
export const TERM_GRACE_MS = 5_000;
const KILL_WAIT_MS = 2_000;

/** Sends `signal` to every process of the group; false when there is none left. */
export function signalGroup(pgid: number, signal: AgentSignal): boolean {
  return sent(-pgid, signal);
}

/** Whether the group has members. */
function groupAlive(pgid: number): boolean {
  return sent(-pgid, 0);
}

/**
 * TERM, then KILL to what is left after `graceMs`; resolves when the group is empty, or 2 s after the KILL (a process
 * in an uninterruptible wait dies later).
 */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  signalGroup(pgid, 'SIGTERM');
  if (await emptied(pgid, graceMs)) return;
  signalGroup(pgid, 'SIGKILL');
  await emptied(pgid, KILL_WAIT_MS);
}

// There is no event for the end of a group: its members are not all children of ours.
async function emptied(pgid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  let step = 1;
  while (groupAlive(pgid)) {
    if (performance.now() >= deadline) return false;
    await pause(step);
    step = Math.min(100, step * 2);
  }
  return true;
}

/** Kills every process whose environment holds `marker`: those that left the group, too. */
export function killMarked(marker: string): void {
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(pid)) continue;
    if (environmentOf(pid).includes(marker)) sent(Number(pid), 'SIGKILL');
  }
}

function environmentOf(pid: string): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // It ended meanwhile, or belongs to another user: then it is none of ours.
    return [];
  }
}

function sent(target: number, signal: AgentSignal | 0): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    // ESRCH: nobody left. EPERM: what is left became another user's (sudo) and cannot be reached from here.
    if (isErrno(error, 'ESRCH') || isErrno(error, 'EPERM')) return false;
    throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
