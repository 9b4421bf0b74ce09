import type { SandboxRecord } from '@sandboxed/domain';
import { containerSpec, DomainError } from '@sandboxed/domain';
import type { StartContext } from './admission.ts';

/** So many addresses may turn out to be in use by something that is not ours, or so often its network be made anew. */
const MAX_ADDRESSES = 8;

/**
 * Makes the sandbox's container and starts it, at an address that is the sandbox's alone. Returns the container's name.
 * Throws `no_capacity` when there is no address left, `firewall_down` while nobody vouches for the rules, and what the Engine refuses.
 */
export async function startContainer(
  context: StartContext,
  sandbox: SandboxRecord,
): Promise<string> {
  const { deps, claim, signal } = context;
  const { store, docker, host } = deps;
  for (let tried = 0; tried < MAX_ADDRESSES; tried += 1) {
    context.phase('network');
    const { open, isolated } = await docker.ensureNetworks();
    const subnet = sandbox.egress === 'none' ? isolated : open;
    context.phase('address');
    const address = store.transaction(() => {
      store.jobs.assertHeld(claim);
      return store.addresses.hold(sandbox.id, subnet);
    });
    context.phase('container');
    const spec = containerSpec(sandbox, host, address);
    await docker.ensure(spec);
    deps.reach('start.ensured');
    context.phase('firewall');
    await deps.firewall.stands(signal);
    context.phase('start');
    store.jobs.assertHeld(claim);
    const outcome = await docker.start(spec.name);
    if (outcome === 'started') return spec.name;
    if (outcome === 'network_gone') continue;
    store.transaction(() => {
      store.jobs.assertHeld(claim);
      store.addresses.release(sandbox.id);
    });
  }
  throw new DomainError(
    'start_failed',
    `${MAX_ADDRESSES} addresses in a row are in use by containers that are not sandboxes. \`docker network inspect\` shows who is in the sandbox network; only sandboxes belong there.`,
  );
}
