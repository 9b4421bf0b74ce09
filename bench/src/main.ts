import { writeFileSync } from 'node:fs';
import { measure, summary, timed, type Timing } from './measure.ts';
import { addressOf, rawCreate, rawExec, rawServer } from './raw.ts';
import {
  answering,
  create,
  exec,
  http,
  post,
  preview,
  purge,
  serve,
  stop,
} from './stack.ts';

const N = Number(process.env['BENCH_N'] ?? '10');
const SLEEP = ['/bin/sleep', '1000000'];

interface Row {
  readonly path: string;
  readonly bound: string;
  readonly ours: Timing;
  readonly raw: Timing | undefined;
}

const rows: Row[] = [];

async function compareCreates(): Promise<void> {
  const made: string[] = [];
  const ours = await measure(N, async () => {
    const begin = performance.now();
    const id = await create();
    await exec(id);
    made.push(id);
    return performance.now() - begin;
  });
  const raw = await measure(N, async () => {
    const begin = performance.now();
    const container = await rawCreate(SLEEP);
    await rawExec(container);
    const took = performance.now() - begin;
    await container.remove({ force: true });
    return took;
  });
  rows.push({ path: 'cold create to first exec', bound: '≤ 1.25×', ours, raw });
  for (const id of made) await purge(id);
}

async function compareRunning(): Promise<void> {
  const id = await create();
  const { container, ask } = await rawServer();
  await serve(id);
  rows.push({
    path: 'exec true over HTTP',
    bound: '≤ 0.25×',
    ours: await measure(N * 5, async () => timed(() => exec(id))),
    raw: await measure(N * 5, async () => timed(() => rawExec(container))),
  });
  const host = await addressOf(container);
  rows.push({
    path: 'preview through the edge',
    bound: '≤ +3 ms',
    ours: await measure(N * 20, async () => timed(() => preview(id))),
    raw: await measure(N * 20, async () =>
      timed(() => http({ host, port: 3000, path: '/' })),
    ),
  });
  const stops: number[] = [];
  const wakes: number[] = [];
  const rawStops: number[] = [];
  const rawWakes: number[] = [];
  for (let round = 0; round < N; round += 1) {
    stops.push(await timed(() => stop(id)));
    // Let the edge forget the stopped container: what is measured is a wake, not a dead route.
    await answering(() => http({ path: '/healthz' }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    wakes.push(await timed(() => answering(() => preview(id))));
    rawStops.push(await timed(() => container.stop({ t: 10 })));
    rawWakes.push(
      await timed(async () => {
        await container.start();
        await answering(ask);
      }),
    );
  }
  rows.push({
    path: 'wake: request to the app’s own 200',
    bound: '≤ 1.3×',
    ours: summary(wakes),
    raw: summary(rawWakes),
  });
  rows.push({
    path: 'stop',
    bound: '≤ 1.2×',
    ours: summary(stops),
    raw: summary(rawStops),
  });
  await container.remove({ force: true });
  await acceptRate(id);
  await purge(id);
}

/** 202s a second with 64 clients: keepalives would not be jobs, so cheap services of one sandbox are. */
async function acceptRate(id: string): Promise<void> {
  await stop(id);
  const total = 1_000;
  const times: number[] = [];
  let left = total;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (left > 0) {
        left -= 1;
        times.push(
          await timed(() => post(`/v1/sandboxes/${id}/services/web/restart`)),
        );
      }
    }),
  );
  const perSecond = times.length / ((performance.now() - begin) / 1000);
  rows.push({
    path: `accept a job, 64 clients: ${perSecond.toFixed(0)}/s`,
    bound: '≥ 1,000/s, p99 ≤ 100 ms',
    ours: summary(times),
    raw: undefined,
  });
}

const ms = (value: number | undefined): string =>
  value === undefined ? '–' : value.toFixed(1);

await compareCreates();
await compareRunning();
console.log(
  '| path | bound | n | ours p50 / p95 / p99 ms | raw p50 / p95 ms | ratio p50 |',
);
console.log('|---|---|---|---|---|---|');
for (const { path, bound, ours, raw } of rows)
  console.log(
    `| ${path} | ${bound} | ${ours.n} | ${ms(ours.p50)} / ${ms(ours.p95)} / ${ms(ours.p99)} | ${ms(raw?.p50)} / ${ms(raw?.p95)} | ${raw === undefined ? '–' : `${(ours.p50 / raw.p50).toFixed(2)}×`} |`,
  );
writeFileSync('bench/result.json', `${JSON.stringify(rows, null, 2)}\n`);
