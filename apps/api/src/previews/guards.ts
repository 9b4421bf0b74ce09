import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxId, SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  edgeDraft,
  GATE_HEADER,
  guardFile,
  guardRoute,
  previewHost,
} from '@sandboxed/domain';
import { askEdge, putFile } from '@sandboxed/runtime';
import type { ApiDeps } from '../http/route.ts';
import { edgeSettings } from './edge-settings.ts';

/** Traefik reads a changed file within about 5 ms, and within about 10 one that follows it. */
const READ_MS = 5_000;
/** Between two questions. */
const ASK_MS = 5;

/**
 * Puts a guard before each port. Inside the transaction that makes the sandbox private, before its commit: a guard that is left when
 * that fails lets everybody through to a public preview, and nothing is private without one.
 */
export function putGuards(
  { config }: ApiDeps,
  { id, ports }: SandboxRecord,
  mark: string,
): void {
  for (const port of ports) {
    const file = guardFile(config.SANDBOXED_DATA_DIR, id, port);
    const text = guardText(config, id, port, mark);
    putFile(file, edgeDraft(file, 'api'), text);
  }
}

function guardText(
  config: ApiDeps['config'],
  id: SandboxId,
  port: number,
  mark: string,
): string {
  return JSON.stringify(guardRoute(id, port, edgeSettings(config), mark));
}

/** Takes the guards of a public sandbox away, in a transaction of its own: it may be private again by now. */
export function takeGuards(
  { config, store }: ApiDeps,
  { id, ports }: SandboxRecord,
): void {
  store.transaction(() => {
    if (store.sandboxes.get(id)?.visibility !== 'public') return;
    for (const port of ports)
      rmSync(guardFile(config.SANDBOXED_DATA_DIR, id, port), { force: true });
  });
}

/**
 * Resolves when the edge has read the guards as they lie there, by this change or one after it, and lets nobody pass unasked to any
 * port, or when the sandbox is public again. Throws `timed_out` when the edge does not say so within 5 s.
 */
export async function guarded(
  { config, store }: ApiDeps,
  { id, ports }: SandboxRecord,
): Promise<void> {
  const edge = new URL(config.SANDBOXED_EDGE_URL);
  const deadline = performance.now() + READ_MS;
  for (const port of ports) {
    const host = previewHost(id, port, config.PREVIEW_DOMAIN);
    const isGuarded = async (): Promise<boolean> => {
      const said = await ask(edge, host);
      if (said === undefined || said === 'shut') return said === 'shut';
      const lies = await readFile(
        guardFile(config.SANDBOXED_DATA_DIR, id, port),
        'utf8',
      ).catch(() => undefined);
      return lies === guardText(config, id, port, said);
    };
    while (!(await isGuarded())) {
      if (store.sandboxes.get(id)?.visibility !== 'private') return;
      if (performance.now() > deadline)
        throw new DomainError(
          'timed_out',
          'The sandbox is private now, but the edge has not confirmed that it asks for links yet. Send the change again to be told; see that traefik runs and SANDBOXED_EDGE_URL leads to it.',
        );
      await pause(ASK_MS);
    }
  }
}

/**
 * Who answers a visit that comes to the edge now: the mark of a guard; `shut` for the wake listener, or when there is no edge, which reads
 * all files when it starts; anything for an app, which only makes its own owner believe a moment too soon that it is private.
 */
async function ask(edge: URL, host: string): Promise<string | undefined> {
  const answer = await askEdge(edge, host, { [GATE_HEADER]: 'guarded?' });
  if (answer === 'refused') return 'shut';
  const said = answer?.[GATE_HEADER];
  return typeof said === 'string' ? said : undefined;
}
