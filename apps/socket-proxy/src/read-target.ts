import type { Asked } from './call.ts';
import { Refusal } from './call.ts';

/** Longest target of a request, in characters: filters of a list are a few hundred. */
const MAX_TARGET = 4_096;

/** Segments of plain characters alone: no escapes, no empty segment, and none that begins with a dot. */
const TARGET =
  /^(?<version>\/v1\.\d{1,3})?(?<path>(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)(?:\?(?<query>[^#]*))?$/;

/** Takes the target of a request apart. Throws {@link Refusal} for any form that the Engine might read otherwise than we do. */
export function readTarget(
  target: string,
): Pick<Asked, 'version' | 'path' | 'query'> {
  const groups = target.length > MAX_TARGET ? null : TARGET.exec(target);
  if (groups?.groups === undefined)
    throw new Refusal(
      'The address of this call is not in its plain form (escapes, empty or dot segments, a host, or too long).',
    );
  const { version = '', path = '', query = '' } = groups.groups;
  const read: [string, string][] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    if (read.some(([known]) => known === name))
      throw new Refusal('A parameter of this call is given twice.');
    read.push([name, value]);
  }
  return { version, path, query: Object.fromEntries(read) };
}
