import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { StreamClient } from './event-stream.ts';
import { followEvents } from './event-stream.ts';
import type { Finding, Findings } from './finding.ts';
import { inWords, spreadOf } from './finding.ts';
import type { Options } from './options.ts';
import { cpuBetween, usageOf } from './process-usage.ts';
import type { Target } from './target.ts';
import { ask, createSandbox, purge } from './target.ts';

const SANDBOXES = 4;
const JOBS_EACH = 2;
/** One client of ten goes and comes back, one after the other, this often. Milliseconds. */
const DROP_MS = 200;
const BOUND_MS = 150;
/** Streams are opened in this time, before any counts. Milliseconds. */
const OPENING_MS = 3_000;

/** 500 streams over a few jobs that print at a steady rate, some of whose clients come and go. */
export async function streams(
  target: Target,
  options: Options,
): Promise<Findings> {
  const { api, own } = target;
  const count = options.n ?? 500;
  const ids = await Promise.all(
    Array.from({ length: SANDBOXES }, () => createSandbox(api)),
  );
  let liveFrom = Infinity;
  const clients: StreamClient[] = [];
  try {
    const urls = await Promise.all(
      ids
        .flatMap((id) => Array.from({ length: JOBS_EACH }, () => id))
        .map((id) => printing(api, id, options)),
    );
    for (let index = 0; index < count; index += 1)
      clients.push(
        followEvents(urls[index % urls.length] ?? '', () => liveFrom),
      );
    await pause(OPENING_MS);
    const before = own && (await usageOf(own));
    const beganAt = performance.now();
    liveFrom = Date.now();
    let turn = 0;
    const leaving = setInterval(() => {
      clients[(turn * 10) % count]?.drop();
      turn += 1;
    }, DROP_MS);
    await Promise.all(clients.map(({ ended }) => ended)).finally(() => {
      clearInterval(leaving);
    });
    const tookMs = performance.now() - beganAt;
    const after = own && (await usageOf(own));
    const heard = clients.map((client) => client.heard);
    const delays = spreadOf(heard.flatMap(({ delaysMs }) => delaysMs));
    // What SQLite has, told once more now that all is over.
    const kept = await Promise.all(urls.map(replay));
    const wrong = heard.filter(
      ({ seqs }, index) => !isSame(seqs, kept[index % urls.length] ?? []),
    ).length;
    const frames = heard.reduce((sum, { seqs }) => sum + seqs.length, 0);
    const events = kept.reduce((sum, { length }) => sum + length, 0);
    const connections = heard.reduce((sum, each) => sum + each.connections, 0);
    const cpu = before && after && cpuBetween(before, after);
    const lines: Finding[] = [
      {
        what: `event → client, ${count} streams of ${urls.length} jobs`,
        measured: inWords(delays),
        bound: `p99 ≤ ${BOUND_MS} ms`,
        isMet: delays.p99 <= BOUND_MS,
      },
      {
        what: 'streams with an event lost, twice or out of order',
        measured: `${wrong} of ${count} (${connections - count} reconnects)`,
        bound: '0',
        isMet: wrong === 0,
      },
      {
        what: 'frames',
        measured: `${frames} of ${events} events, ${Math.round((frames / tookMs) * 1_000)}/s`,
      },
      ...['api', 'worker', 'redis'].flatMap((name) => {
        const rss = [before, after].map((each) =>
          [...(each ?? [])]
            .filter(([key]) => key.startsWith(name))
            .reduce((sum, [, { rssMb }]) => sum + rssMb, 0)
            .toFixed(0),
        );
        return cpu === undefined
          ? []
          : [
              {
                what: `${name}: CPU and memory`,
                measured: `${((100 * (cpu[name] ?? 0)) / tookMs).toFixed(0)} % of a core, ${rss.join(' → ')} MB`,
              },
            ];
      }),
    ];
    return {
      lines,
      figures: { delays, wrong, frames, events, connections, cpu, tookMs },
    };
  } finally {
    for (const client of clients) client.close();
    await Promise.all(ids.map((id) => purge(api, id)));
  }
}

/** Starts a command that prints so many lines a second; the address of its events. */
async function printing(
  api: string,
  id: string,
  { seconds, rate }: Options,
): Promise<string> {
  const lines = (seconds + OPENING_MS / 1_000) * rate;
  const job = await ask(`${api}/sandbox/${id}/exec`, 'POST', {
    cmd: [
      'node',
      '-e',
      `let n=0;const t=setInterval(()=>{console.log('line '+n);if(++n>=${lines})clearInterval(t)},${1_000 / rate})`,
    ],
  });
  return api + z.string().parse(job['events_url']);
}

/** Numbers of all events of a job that is over. */
async function replay(url: string): Promise<readonly number[]> {
  const { heard, ended } = followEvents(url, () => Infinity);
  await ended;
  return heard.seqs;
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return (
    some.length === others.length &&
    some.every((each, index) => each === others[index])
  );
}
