import { randomInt } from 'node:crypto';
import { get } from 'node:http';
import type { Findings } from './finding.ts';
import { inWords, spreadOf } from './finding.ts';
import type { Options } from './options.ts';
import type { Target } from './target.ts';
import { ask, createSandbox, forEach, purge } from './target.ts';

/** Sandboxes made, put to sleep and removed at once. */
const AT_ONCE = 4;
const LIMITS = { limits: { memory_mb: 256 } };
const PATIENCE_MS = 60_000;
const serverOf = (word: string): string =>
  `exec node -e 'require("http").createServer((q,s)=>s.end("${word}")).listen(3000,"0.0.0.0")'`;

/** Sandboxes with an app each, all asleep, are asked for at random through the edge until all are awake. */
export async function wakes(
  { api, edgePort }: Target,
  options: Options,
): Promise<Findings> {
  const count = options.n ?? 200;
  const clients = options.clients ?? 8;
  const ids: string[] = [];
  const times: number[] = [];
  const wrong: string[] = [];
  try {
    await forEach(Array.from({ length: count }), AT_ONCE, async () => {
      const id = await createSandbox(api, LIMITS);
      ids.push(id);
      await ask(`${api}/v1/sandboxes/${id}/services/web?wait=30`, 'PUT', {
        ...{ command: serverOf(id), port: 3_000 },
      });
      await ask(`${api}/v1/sandboxes/${id}/stop?wait=60`, 'POST');
    });
    const asleep = shuffled(ids);
    const begin = performance.now();
    await forEach(asleep, clients, async (id) => {
      const asked = performance.now();
      const { status, text } = await visit(edgePort, id);
      times.push(performance.now() - asked);
      if (status !== 200 || text !== id) wrong.push(`${id}: ${status} ${text}`);
    });
    const tookMs = performance.now() - begin;
    return {
      lines: [
        {
          what: `${count} sleeping sandboxes, ${clients} clients: answers that were not the app's own 200`,
          measured: `${wrong.length}${wrong[0] === undefined ? '' : `: ${wrong[0].slice(0, 120)}`}`,
          bound: 'none',
          isMet: wrong.length === 0,
        },
        { what: 'request to answer', measured: inWords(spreadOf(times)) },
        {
          what: 'all awake',
          measured: `${(tookMs / 1_000).toFixed(1)} s, ${((count / tookMs) * 1_000).toFixed(1)} wakes/s`,
        },
      ],
      figures: { count, clients, times: spreadOf(times), wrong, tookMs },
    };
  } finally {
    await forEach(ids, AT_ONCE, (id) => purge(api, id));
  }
}

function shuffled(ids: readonly string[]): readonly string[] {
  const rest = [...ids];
  return ids.flatMap(() => rest.splice(randomInt(rest.length), 1));
}

/** The preview of a sandbox, asked for by a program on a connection of its own. Status 0: there was no answer. */
function visit(
  port: number,
  id: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const host = `s-${id.toLowerCase()}-3000.preview.localhost`;
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve({ status: 0, text: error.message });
    };
    get(
      {
        ...{ host: '127.0.0.1', port, path: '/', agent: false },
        ...{ headers: { host }, signal: AbortSignal.timeout(PATIENCE_MS) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.once('error', fail);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      },
    ).once('error', fail);
  });
}
