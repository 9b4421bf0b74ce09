import type { State } from './read-fleet.ts';

/** What can be done to a sandbox's life from the list. */
export type Act = 'start' | 'stop' | 'stop-anyway' | 'delete' | 'purge';

/** What the one button for its life says in a state, and does; nothing while something is under way. */
export function lifeIn(status: State): {
  readonly label: string;
  readonly act: Act | undefined;
} {
  switch (status) {
    case 'running':
      return { label: 'Stop', act: 'stop' };
    case 'stopped':
      return { label: 'Start', act: 'start' };
    case 'error':
      return { label: 'Start again', act: 'start' };
    case 'creating':
      return { label: 'Creating…', act: undefined };
    case 'starting':
      return { label: 'Starting…', act: undefined };
    case 'stopping':
      return { label: 'Stopping…', act: undefined };
    case 'deleting':
      return { label: 'Deleting…', act: undefined };
    case 'deleted':
      return { label: 'Deleted', act: undefined };
  }
}
