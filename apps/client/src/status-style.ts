import type { styleText } from 'node:util';

/** The colour of a state: good, bad, under way, or at rest. */
export function statusStyle(
  status: string,
): Parameters<typeof styleText>[0] | undefined {
  if (['running', 'succeeded'].includes(status)) return 'green';
  if (['error', 'failed'].includes(status)) return 'red';
  if (
    ['creating', 'starting', 'stopping', 'deleting', 'queued'].includes(status)
  )
    return 'yellow';
  return 'dim';
}
