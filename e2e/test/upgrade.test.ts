import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import {
  API,
  call,
  exec,
  ok,
  preview,
  sandboxes,
  service,
  untilFinished,
  WEB_SERVICE,
} from '../src/stack.ts';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const acceptedSchema = z.object({ id: z.string(), job_id: z.string() });
const jobIdSchema = z.object({ job_id: z.string() });

/** Replaces processes of the stack as an upgrade does. Resolves when the new ones are healthy. */
async function replace(env: Record<string, string>, ...options: string[]) {
  const before = await service('worker');
  await run(
    'docker',
    ['compose', 'up', '--detach', '--wait', '--no-deps', ...options],
    { cwd: ROOT, env: { ...process.env, ...env } },
  );
  const after = await service('worker');
  expect(after.filter((id) => before.includes(id))).toEqual([]);
}

/** What fetch says of a connection that was refused or cut before its answer; by name, since it is not of this realm. */
function isUnanswered(error: unknown): boolean {
  return /^TypeError: (fetch failed|terminated)/.test(String(error));
}

/** Does something over and over until `ended`; a call that found nobody to take it is left out. */
async function load(ended: AbortSignal, once: (n: number) => Promise<void>) {
  for (let n = 0; !ended.aborted; n += 1) {
    try {
      await once(n);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      await pause(100);
    }
    await pause(150);
  }
}

interface Seen {
  readonly ids: number[];
  text: string;
  streams: number;
}

/** Reads a job's events to the end, taking the stream up again where it broke. */
async function follow(job: string): Promise<Seen> {
  const seen: Seen = { ids: [], text: '', streams: 0 };
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${API}/v1/jobs/${job}/events`, {
        headers: { 'last-event-id': String(seen.ids.at(-1) ?? 0) },
        signal: AbortSignal.timeout(120_000),
      });
      if (!response.ok || response.body === null)
        throw new TypeError('fetch failed');
      seen.streams += 1;
      let rest = '';
      for await (const chunk of response.body.pipeThrough(
        new TextDecoderStream(),
      )) {
        const frames = (rest + chunk).split('\n\n');
        rest = frames.pop() ?? '';
        if (frames.some((frame) => take(seen, frame))) return seen;
      }
      // A process that goes away ends its streams after a whole event.
      expect(rest).toBe('');
    } catch (error) {
      if (!isUnanswered(error)) throw error;
    }
    await pause(100);
  }
  throw new Error(`the events of ${job} did not end`);
}

/** Whether the stream is at its end. */
function take(seen: Seen, frame: string): boolean {
  const id = /^id: (\d+)$/m.exec(frame)?.[1];
  if (id === undefined) return false;
  seen.ids.push(Number(id));
  const data: unknown = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? '{}');
  const kind = /^event: (.*)$/m.exec(frame)?.[1];
  if (kind === 'stdout')
    seen.text += z.object({ text: z.string() }).parse(data).text;
  return kind === 'done';
}

it.each([
  [
    'all are replaced at once',
    {},
    ['--force-recreate', 'api', 'worker', 'reaper'],
  ],
  [
    'compose finds that they changed',
    { SANDBOXED_LOG_LEVEL: 'warn' },
    ['api', 'worker', 'reaper'],
  ],
])(
  'loses nothing that it accepted while %s',
  async (_how, env, options) => {
    const { id, preview_urls } = await fleet.create();
    await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, WEB_SERVICE);
    const url = preview_urls['3000'] ?? '';
    await preview(url);
    const jobs: string[] = [];
    const marks: number[] = [];
    const statuses: number[] = [];
    const ended = new AbortController();

    const counted = load(ended.signal, async (n) => {
      const { status, body } = await call('POST', `/sandbox/${id}/exec`, {
        shell: `echo ${n} >> ran; sleep 0.3`,
      });
      if (status >= 300) return;
      jobs.push(jobIdSchema.parse(body).job_id);
      marks.push(n);
    });
    const created = load(ended.signal, async () => {
      const { status, body } = await call('POST', '/sandbox', {});
      if (status >= 300) return;
      const made = acceptedSchema.parse(body);
      fleet.track(made.id);
      jobs.push(made.job_id);
      await pause(3_000);
    });
    const seen = load(ended.signal, async () => {
      statuses.push((await preview(url)).status);
    });
    const long = await call('POST', `/sandbox/${id}/exec`, {
      shell:
        'echo long >> ran; for n in $(seq 1 40); do echo $n; sleep 0.5; done',
    });
    const followed = jobIdSchema.parse(long.body).job_id;
    jobs.push(followed);
    const stream = follow(followed);
    const held = call('POST', `/sandbox/${id}/exec?wait=60`, {
      shell: 'echo held >> ran; sleep 20',
    });
    await pause(2_000);

    await replace(env, ...options);

    const answer = await held;
    expect([200, 202]).toContain(answer.status);
    jobs.push(jobIdSchema.parse(answer.body).job_id);
    const { ids, text, streams } = await stream;
    expect(streams).toBeGreaterThan(1);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(text).toBe(
      Array.from({ length: 40 }, (_, n) => `${n + 1}\n`).join(''),
    );
    ended.abort();
    await Promise.all([counted, created, seen]);
    for (const job of jobs)
      expect(await untilFinished(job, 60_000)).toMatchObject({
        id: job,
        status: 'succeeded',
      });
    const ran = (await exec(id, 'cat ran')).stdout.trim().split('\n');
    expect(new Set(ran).size).toBe(ran.length);
    expect(ran).toEqual(
      expect.arrayContaining(['long', 'held', ...marks.map(String)]),
    );
    expect(statuses.length).toBeGreaterThan(20);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  },
  240_000,
);
