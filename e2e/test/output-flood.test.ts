import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { readMemory } from '../../bench/src/control-plane-memory.ts';
import { readSqlite } from '../../bench/src/load/stored-bytes.ts';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { readStream } from '../src/faults/read-stream.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { FULL_HEAP_KIB } from '../src/soak/bounds.ts';
import type { StalledReader } from '../src/stalled-reader.ts';
import { openStalledReader } from '../src/stalled-reader.ts';

const MIB = 1_048_576;
const LINES_PER_SECOND = 10_000;
/** Below what is kept of one command's output, which is 1 MiB. */
const SECONDS = 10;
const LINE = 'line\n';
const TEXT_BYTES = LINES_PER_SECOND * SECONDS * LINE.length;
/** Beyond what the flood before it took: what does not stay level would be far more in ten seconds. */
const GROWTH = 32 * MIB;
/** With a heap full of garbage, and what a process has besides. */
const FULL_HEAP = FULL_HEAP_KIB * 1_024 + GROWTH;
/** Of a process of ours at any moment, and of what is in a sandbox beside the program. */
const MOST = 288 * MIB;
/** Text is escaped and kept twice, as events and as the result; rows and indexes take their part. */
const STORED = 4 * TEXT_BYTES + 2 * MIB;
/** Of each of the neighbour's commands, of which a host that has time runs many. */
const STORED_COMMAND = 8 * 1_024;
/** How long a neighbour's command may take meanwhile. It is some milliseconds on a host that has time. */
const NEIGHBOUR_MS = 5_000;

/** So many lines each second, however late its timer is. */
const FLOOD = `const line = ${JSON.stringify(LINE)}, all = ${LINES_PER_SECOND * SECONDS}, began = Date.now();
let sent = 0;
const timer = setInterval(() => {
  const due = Math.min(all, Math.floor((Date.now() - began) * ${LINES_PER_SECOND / 1_000}));
  process.stdout.write(line.repeat(due - sent));
  sent = due;
  if (sent === all) clearInterval(timer);
}, 20);`;

let stack: OwnStack;
let clients: Clients;
let stalled: StalledReader | undefined;
beforeAll(async () => {
  // Garbage is collected before it looks like growth.
  stack = await startOwnStack({
    env: { NODE_OPTIONS: '--max-old-space-size=160' },
  });
  clients = createClients(stack);
}, 60_000);
afterEach(() => {
  stalled?.close();
});
afterAll(() => stack.close(), 60_000);

const acceptedSchema = z.looseObject({ job_id: z.string() });
const outputSchema = z.looseObject({ text: z.string() });

/** Prints 10,000 lines a second for ten seconds. Answers the job. */
async function flood(sandboxId: string): Promise<string> {
  const { body } = await clients.call('POST', `/sandbox/${sandboxId}/exec`, {
    cmd: ['node', '-e', FLOOD],
  });
  return acceptedSchema.parse(body).job_id;
}

/** Aborted once the work is over, however that went. */
function endOf(work: Promise<unknown>): AbortSignal {
  const over = new AbortController();
  const abort = (): void => {
    over.abort();
  };
  work.then(abort, abort);
  return over.signal;
}

/** The most that each process held while `work` went on. Bytes. */
async function peaksWhile(
  pids: ReadonlyMap<string, number>,
  work: Promise<unknown>,
): Promise<ReadonlyMap<string, number>> {
  const peaks = new Map<string, number>();
  const over = endOf(work);
  do {
    for (const [name, pid] of pids) {
      const { rss } = await readMemory(pid);
      peaks.set(name, Math.max(peaks.get(name) ?? 0, rss));
    }
    await pause(200);
  } while (!over.aborted);
  return peaks;
}

/** Commands of a neighbour, one after the other. Answers how long each took, in milliseconds. */
async function neighbour(
  sandboxId: string,
  work: Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  const over = endOf(work);
  do {
    const begin = performance.now();
    const path = `/sandbox/${sandboxId}/exec?wait=30`;
    const { body } = await clients.call('POST', path, { cmd: ['true'] });
    expect(body).toMatchObject({ exit_code: 0 });
    times.push(performance.now() - begin);
  } while (!over.aborted);
  return times;
}

const textOf = (frames: readonly string[]): string =>
  frames.map((frame) => outputSchema.parse(JSON.parse(frame)).text).join('');

/** What is told of a job's output after an event, replayed from SQLite. */
async function outputAfter(job: string, after: number): Promise<string> {
  const url = `${stack.api}/v1/jobs/${job}/events`;
  const events = await readStream(url, { after });
  return textOf(
    events.filter(({ type }) => type === 'stdout').map(({ data }) => data),
  );
}

it('10,000 lines a second grow nothing without bound, reach every reader whole and hold up nobody else', async () => {
  const [loud, quiet] = await Promise.all([clients.create(), clients.create()]);
  const pids = await processes(loud);
  const whole = LINE.repeat(LINES_PER_SECOND * SECONDS);

  // All that a flood needs once is there after the first, which has as many readers and the same neighbour.
  const warm = await flood(loud);
  const first = clients.ended(warm);
  const [before] = await Promise.all([
    peaksWhile(pids, first),
    neighbour(quiet, first),
    ...Array.from({ length: 4 }, () => outputAfter(warm, 0)),
  ]);
  expect((await first).status).toBe('succeeded');

  const stored = readSqlite(stack.database);
  const job = await flood(loud);
  stalled = openStalledReader(`${stack.api}/v1/jobs/${job}/events`);
  const second = clients.ended(job);
  const readers = Array.from({ length: 3 }, () => outputAfter(job, 0));
  const [peaks, times, read] = await Promise.all([
    peaksWhile(pids, second),
    neighbour(quiet, second),
    Promise.all(readers),
    stalled.stalled,
  ]);

  expect(await second).toMatchObject({
    status: 'succeeded',
    result: { stdout: whole, truncated: false },
  });
  expect(read.every((text) => text === whole)).toBe(true);
  for (const [name, peak] of peaks) {
    const limit = Math.max((before.get(name) ?? 0) + GROWTH, FULL_HEAP);
    const isBounded = peak < Math.min(limit, MOST);
    expect({ name, peak, isBounded }).toEqual({ name, peak, isBounded: true });
  }
  expect(readSqlite(stack.database) - stored).toBeLessThan(
    STORED + times.length * STORED_COMMAND,
  );
  expect(Math.max(...times)).toBeLessThan(NEIGHBOUR_MS);

  // Whether it was cut or not: with what it asks for after the last event that it has, it has all.
  const frames = (await stalled.rest()).split('\n\n').slice(0, -1);
  const last = /^id: (\d+)$/m.exec(frames.at(-1) ?? '')?.[1];
  const had = frames.flatMap((frame) =>
    frame.includes('\nevent: stdout\n')
      ? [/^data: (.*)$/m.exec(frame)?.[1] ?? '']
      : [],
  );
  const rest = await outputAfter(job, Number(last));
  expect(textOf(had) + rest === whole).toBe(true);
}, 120_000);

/** Those of the stack, and what a sandbox runs, by name. */
async function processes(
  sandboxId: string,
): Promise<ReadonlyMap<string, number>> {
  const ours = [...stack.children.values()].map((child) => {
    const pid = child.pid();
    if (pid === undefined) throw new Error(`${child.name} is down`);
    return [child.name, pid] as const;
  });
  const container = `s-${sandboxId.toLowerCase()}`;
  const [pid] = await docker(
    'inspect',
    '--format',
    '{{.State.Pid}}',
    container,
  );
  return new Map([
    ...ours,
    ['sandbox', z.coerce.number().positive().parse(pid)],
  ]);
}
