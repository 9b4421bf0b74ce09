import { z } from 'zod';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { preview, until } from '../src/stack.ts';

/** So long Traefik routes to a dead container's address here: as on a very busy host. */
const STALE_MS = 8_000;
const ASKED = 200;

/** An app that names its sandbox. */
const APP = {
  command: `exec node -e 'require("node:http").createServer((_, response) => response.end("I am " + require("node:os").hostname())).listen(3000, "0.0.0.0")'`,
  port: 3000,
};

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack({ edgeThrottleMs: STALE_MS });
}, 120_000);
afterAll(() => stack.close(), 120_000);

async function call(
  method: 'POST' | 'PUT',
  path: string,
  body: unknown = {},
): Promise<unknown> {
  const response = await fetch(`${stack.api}${path}?wait=60`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(90_000),
  });
  return response.json();
}

/** The names of the sandboxes are those of their containers. */
const nameOf = (id: string): string => `s-${id.toLowerCase()}`;

async function created(): Promise<string> {
  const { id } = z
    .object({ id: z.string() })
    .parse(await call('POST', '/sandbox'));
  await call('PUT', `/v1/sandboxes/${id}/services/web`, APP);
  return id;
}

async function ask(id: string): Promise<string> {
  const { text } = await preview(
    `http://${nameOf(id)}-3000.preview.localhost`,
    { port: stack.edgePort },
  );
  return /I am \S+/.exec(text)?.[0] ?? '';
}

const answers = (id: string): Promise<string> =>
  until(`${id} to answer`, 60_000, async () => (await ask(id)) || undefined);

it('a preview is never answered by a sandbox that started when its own died', async () => {
  const mine = await created();
  const others = [await created(), await created(), await created()];
  for (const id of others) await call('POST', `/v1/sandboxes/${id}/stop`);
  expect(await answers(mine)).toBe(`I am ${nameOf(mine)}`);

  // News that Traefik takes at once, and after which it sits on all that follows.
  const [first = '', ...rest] = others;
  await call('POST', `/v1/sandboxes/${first}/start`);
  await docker('kill', nameOf(mine));
  const starts = rest.map((id) => call('POST', `/v1/sandboxes/${id}/start`));
  const up = new AbortController();
  const allUp = Promise.all(starts).finally(() => {
    up.abort();
  });
  const heard = new Map<string, number>();
  for (let asked = 0; asked < ASKED || !up.signal.aborted; asked += 1) {
    const answer = await ask(mine);
    heard.set(answer, (heard.get(answer) ?? 0) + 1);
  }
  await allUp;
  heard.delete('');
  heard.delete(`I am ${nameOf(mine)}`);
  expect([...heard]).toEqual([]);
  expect(await answers(mine)).toBe(`I am ${nameOf(mine)}`);
}, 240_000);
