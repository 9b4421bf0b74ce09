import { giveHeadStart, readForeignAppFacts } from '@sandboxed/agent';
import type { HostSettings, SandboxId } from '@sandboxed/domain';
import { planApp, runDir, workspaceDir } from '@sandboxed/domain';
import type { AppDeps } from './app-services.ts';

/** Where an app lies in a home. */
const APP_PARTS = ['workspace', 'app'];

/**
 * Lays what a sandbox serves where its agent finds it as it comes up, so that its app need not wait until that agent has been asked
 * and told. It holds until it is disposed of; what `startApp` hands over afterwards is what counts, and mostly the same.
 */
export function layHeadStart(
  {
    store,
    host,
  }: {
    readonly store: AppDeps['store'];
    readonly host: Pick<HostSettings, 'dataDir'>;
  },
  id: SandboxId,
): Disposable {
  const facts = readForeignAppFacts(workspaceDir(host.dataDir, id), APP_PARTS);
  const services =
    facts === undefined ? [] : planApp(facts, store.services.list(id)).services;
  if (services.length === 0) return { [Symbol.dispose]: () => undefined };
  return giveHeadStart(runDir(host.dataDir, id), {
    env: store.sandboxes.env(id),
    services: services.map((service) => ({ ...service })),
  });
}
