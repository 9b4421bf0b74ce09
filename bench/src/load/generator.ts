import autocannon from 'autocannon';
import { z } from 'zod';

/** What a load is told, as JSON in its one argument. */
export const loadSchema = z.object({
  url: z.url(),
  clients: z.number().int().positive(),
  /** Ends after this time, or once so many were sent. */
  seconds: z.number().positive(),
  requests: z.number().int().positive(),
  headers: z.record(z.string(), z.string()),
  /** Each client goes round these, and begins at another one than its neighbour. */
  posts: z.array(z.object({ path: z.string(), body: z.string() })).min(1),
});

/** What it tells at its end, as one line of JSON. */
export const loadResultSchema = z.object({
  /** Of each answer that was a success. Milliseconds. */
  timesMs: z.array(z.number()),
  /** How many answers there were of each other status; `0` are those that failed without one. */
  failures: z.record(z.string(), z.number()),
  seconds: z.number(),
  /** Share of one core that the generator itself took. */
  cpuShare: z.number(),
});

if (import.meta.main) {
  const load = loadSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const timesMs: number[] = [];
  const failures: Record<string, number> = {};
  const fail = (status: string, count = 1): void => {
    failures[status] = (failures[status] ?? 0) + count;
  };
  let next = 0;
  let sent = 0;
  const posts = load.posts.map(({ path, body }) => ({
    ...{ method: 'POST' as const, path, body },
    headers: { 'content-type': 'application/json', ...load.headers },
  }));
  const cpuBefore = process.cpuUsage();
  const beganAt = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url: load.url,
        connections: load.clients,
        duration: load.seconds,
        timeout: 30,
        // How soon it hears that it is to stop. Milliseconds.
        sampleInt: 50,
        setupClient(client) {
          const from = next % posts.length;
          next += 1;
          client.setRequests([...posts.slice(from), ...posts.slice(0, from)]);
        },
      },
      (error: unknown, ended) => {
        if (error instanceof Error) reject(error);
        else resolve(ended);
      },
    );
    run.on('response', (_client, status, _bytes, ms) => {
      if (status >= 200 && status < 300) timesMs.push(ms);
      else fail(String(status));
      sent += 1;
      // Not its own bound on the number: with that it does not end by time.
      if (sent === load.requests) run.stop();
    });
  });
  if (result.errors > 0) fail('0', result.errors);
  const seconds = (performance.now() - beganAt) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  process.stdout.write(
    `${JSON.stringify({ timesMs, failures, seconds, cpuShare: (cpu.user + cpu.system) / 1e6 / seconds })}\n`,
  );
}
