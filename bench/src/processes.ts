import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of the kernel's times of a process. */
const TICKS_PER_SECOND = 100;
const MIB_IN_KB = 1_024;

/** A process of the control plane. */
export interface Process {
  readonly name: string;
  readonly pid: number;
}

/** All processes of containers that match a filter of `docker ps`. */
export async function containerProcesses(
  filter: string,
): Promise<readonly Process[]> {
  const { stdout } = await run('docker', ['ps', '-q', '--filter', filter]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length === 0) throw new Error(`no container runs that has ${filter}`);
  const { stdout: told } = await run('docker', [
    ...['inspect', '--format', '{{.Name}} {{.State.Pid}}'],
    ...ids,
  ]);
  const found: Process[] = [];
  for (const line of told.trim().split('\n')) {
    const [name = '', pid] = line.split(' ');
    for (const each of await withChildren(Number(pid)))
      found.push({ name: name.slice(1), pid: each });
  }
  return found;
}

async function withChildren(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const children = text.split(' ').filter((each) => each.trim() !== '');
  const below = await Promise.all(
    children.map((each) => withChildren(Number(each))),
  );
  return [pid, ...below.flat()];
}

/** Memory of processes. MiB: RSS counts shared pages once for each process, PSS shares them out. */
export async function memoryOf(
  processes: readonly Process[],
): Promise<{ readonly rssMb: number; readonly pssMb: number }> {
  let [rss, pss] = [0, 0];
  for (const { pid } of processes) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    rss += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1]);
    pss += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]);
  }
  return { rssMb: rss / MIB_IN_KB, pssMb: pss / MIB_IN_KB };
}

/** Processor time that processes took so far, and those that they began and that have ended. Seconds. */
export async function cpuSeconds(
  processes: readonly Process[],
): Promise<number> {
  let ticks = 0;
  for (const { pid } of processes) {
    // One that is gone, as a pause of a script is soon, counts with whoever began it.
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (text === '') continue;
    // What is in brackets may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / TICKS_PER_SECOND;
}

/** What the kernel says a new program could have. MiB. */
export async function memAvailableMb(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1]) / MIB_IN_KB;
}
