const MAX_TARGET_CHARACTERS = 4096;

/**
 * Whether a link that lies in the directory `parts` stays in the tree. `..` may lead the target alone: there it climbs real
 * directories, so that the count is exact; behind a name, that name could be a link itself.
 */
export function staysInside(parts: readonly string[], target: string): boolean {
  if (target.includes('\0') || target.length > MAX_TARGET_CHARACTERS)
    return false;
  if (target === '' || target.startsWith('/')) return false;
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const climbs = steps.findIndex((step) => step !== '..');
  const up = climbs === -1 ? steps.length : climbs;
  return up <= parts.length && !steps.slice(up).includes('..');
}
