import type { OwnContainer } from './call.ts';

const DEFAULT_MOST = 4_096;

/**
 * Containers that the Engine has said are ours, by Docker id, so that it need not be asked of each again: a container's labels and binds
 * stay what they were made with, and no other gets its id. Names are not remembered: they may pass to another.
 */
export interface SeenContainers {
  get(dockerId: string): OwnContainer | undefined;
  add(container: OwnContainer): void;
}

/** Remembers `most` of them, and forgets those first that were added first. */
export function createSeenContainers(most = DEFAULT_MOST): SeenContainers {
  const seen = new Map<string, OwnContainer>();
  return {
    get: (dockerId) => seen.get(dockerId),
    add(container) {
      seen.set(container.dockerId, container);
      for (const oldest of seen.keys()) {
        if (seen.size <= most) return;
        seen.delete(oldest);
      }
    },
  };
}
