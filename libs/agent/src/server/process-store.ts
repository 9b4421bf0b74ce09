import fs from 'node:fs';
import path from 'node:path';
import {
  type ProcessState,
  processIdSchema,
  processStateSchema,
} from '../protocol.ts';
import { repairFrameLog } from './frame-log.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** A process of an earlier agent, with the bytes of output that it left. */
type StoredProcess = {
  readonly state: ProcessState;
  readonly outputBytes: number;
};

/** States and outputs of processes on disk, a directory each. */
export type ProcessStore = {
  readonly outputPath: (id: string) => string;
  /** Records that a process is about to start: what has no state of its own counts as ended. */
  readonly begin: (id: string) => void;
  /** How it ended. */
  readonly save: (state: ProcessState) => void;
  readonly remove: (id: string) => void;
  /** What an earlier agent left; processes it still ran are recorded as exited with `sandbox_stopped`. */
  readonly recover: () => StoredProcess[];
};

/** See {@link ProcessStore}. */
export function createProcessStore(
  directory: string,
  now: () => number,
): ProcessStore {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const place = (id: string) => path.join(directory, id);
  const statePath = (id: string) => path.join(directory, id, 'state.json');
  const outputPath = (id: string) => path.join(directory, id, 'output.ndjson');

  function recoverOne(id: string): StoredProcess {
    const stored = processStateSchema.safeParse(readStateFile(statePath(id)));
    if (
      stored.success &&
      stored.data.id === id &&
      stored.data.status === 'exited'
    )
      return {
        state: stored.data,
        outputBytes: repairFrameLog(outputPath(id)),
      };
    // Without a state that can be read it is kept as an ended process all the same: its id must not run a second time.
    const state: ProcessState = {
      id,
      status: 'exited',
      timed_out: false,
      truncated: false,
      started_at_ms: stored.data?.started_at_ms ?? begunAt(id),
      finished_at_ms: now(),
      error: 'sandbox_stopped',
    };
    writeStateFile(statePath(id), state);
    return { state, outputBytes: repairFrameLog(outputPath(id)) };
  }

  /** By its directory, where the file system knows when that was made. */
  function begunAt(id: string): number {
    const { birthtimeMs } = fs.statSync(place(id));
    return birthtimeMs > 0 ? Math.min(now(), Math.floor(birthtimeMs)) : now();
  }

  function remove(id: string): void {
    fs.rmSync(place(id), { recursive: true, force: true });
  }

  return {
    outputPath,
    begin(id) {
      try {
        fs.mkdirSync(place(id), { mode: 0o700 });
      } catch {
        // Nothing here is ours: known ids were recovered at start.
        remove(id);
        fs.mkdirSync(place(id), { mode: 0o700 });
      }
    },
    save(state) {
      writeStateFile(statePath(state.id), state);
    },
    remove,
    recover: () =>
      fs
        .readdirSync(directory)
        .filter((name) => processIdSchema.safeParse(name).success)
        .map(recoverOne),
  };
}
