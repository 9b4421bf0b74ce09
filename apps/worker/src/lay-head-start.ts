import { giveHeadStart, readForeignAppFacts } from '@sandboxed/agent';
import type { HostSettings, SandboxRecord } from '@sandboxed/domain';
import { planApp, runDir, workspaceDir } from '@sandboxed/domain';
import type { AppDeps } from './app-services.ts';

/** Where an app lies in a home. */
const APP_PARTS = ['workspace', 'app'];
const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

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
  { id, template }: Pick<SandboxRecord, 'id' | 'template'>,
): Disposable {
  const facts = readForeignAppFacts(workspaceDir(host.dataDir, id), APP_PARTS);
  if (facts === undefined) return NOTHING;
  // An empty directory may still have to be filled, and what is begun would write into it.
  const isFilled = facts.present.length > 0;
  if (template !== null && template !== 'blank' && !isFilled) return NOTHING;
  const { services } = planApp(facts, store.services.list(id));
  if (services.length === 0) return NOTHING;
  return giveHeadStart(runDir(host.dataDir, id), {
    env: store.sandboxes.env(id),
    services: services.map((service) => ({ ...service })),
  });
}
