import { z } from 'zod';
import { startOwnStack } from '../../../e2e/src/own-stack/own-stack.ts';
import type { OwnStack } from '../../../e2e/src/own-stack/own-stack.ts';
import type { Options } from './options.ts';

/** The stack under load. */
export interface Target {
  /** The API, without a slash at the end. */
  readonly api: string;
  readonly edgePort: number;
  /** Undefined for an installed stack: its processes and files are not looked at. */
  readonly own: OwnStack | undefined;
  close(): Promise<void>;
}

const INSTALLED_API = 'http://127.0.0.1:9090';

/** The installed stack, or a new one of its own. */
export async function openTarget(options: Options): Promise<Target> {
  if (options.installed)
    return {
      ...{ api: INSTALLED_API, edgePort: 80, own: undefined },
      close: () => Promise.resolve(),
    };
  const own = await startOwnStack({ workers: options.workers });
  return {
    ...{ api: own.api, edgePort: own.edgePort, own },
    close: () => own.close(),
  };
}

/** A call that must succeed; its parsed body. Throws with what the API said. */
export async function ask(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' = 'GET',
  body?: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${url} → ${response.status}: ${text}`);
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** Creates a sandbox and answers its id once it runs. */
export async function createSandbox(
  api: string,
  body: object = {},
): Promise<string> {
  const made = await ask(`${api}/sandbox?wait=120`, 'POST', body);
  return z.string().parse(made['id']);
}

/** Removes a sandbox with its files, and its container. */
export async function purge(api: string, id: string): Promise<void> {
  await ask(`${api}/sandbox/${id}/purge?wait=120`, 'POST');
}

/** Does `work` for each, at most `atOnce` of them at a time. The first failure is thrown once all that had begun are done. */
export async function forEach<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const lanes = Array.from({ length: Math.min(atOnce, items.length) }, () =>
    (async () => {
      for (const [index, item] of rest) await work(item, index);
    })(),
  );
  for (const lane of await Promise.allSettled(lanes))
    if (lane.status === 'rejected') throw lane.reason;
}
