import type { SandboxInfo } from '@sandboxed/sdk';
import { Sandbox } from '@sandboxed/sdk';
import { Problem, usageProblem } from './problem.ts';
import type { Session } from './session.ts';

type Named = Pick<SandboxInfo, 'id' | 'name'>;

const ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const TOLD = 5;

/** Whether a word is a whole id, which needs no looking up. */
export const isId = (word: string): boolean => ID.test(word);

/** The sandbox that a word means: by its name, or by the beginning of its id. Throws a `Problem` for none, and for several. */
export function pick<S extends Named>(word: string, among: readonly S[]): S {
  const start = word.toUpperCase();
  const byName = among.filter(({ name }) => name === word);
  const found =
    byName.length > 0 ? byName : among.filter(({ id }) => id.startsWith(start));
  const [first, ...others] = word === '' ? [] : found;
  if (first === undefined)
    throw new Problem(
      `There is no sandbox ${JSON.stringify(word)}.`,
      "'sandboxed ls' shows those that exist, by id and name.",
      { code: 'sandbox_not_found' },
    );
  if (others.length === 0) return first;
  const told = found.slice(0, TOLD).map(({ id }) => id);
  const more = found.length > TOLD ? ', …' : '';
  throw usageProblem(
    `${JSON.stringify(word)} means ${found.length} sandboxes: ${told.join(', ')}${more}.`,
    'Give more of the id.',
  );
}

/** The sandboxes that words mean, in their order. Asks for the list once, and only where a word is no whole id. */
export async function findSandboxes(
  { connection, signal }: Session,
  words: readonly string[],
): Promise<readonly Sandbox[]> {
  const options = { ...connection, signal };
  const all: Sandbox[] = [];
  if (words.some((word) => !isId(word)))
    for await (const one of Sandbox.list(options)) all.push(one);
  const infos = all.map((sandbox) => ({ ...sandbox.info, sandbox }));
  return Promise.all(
    words.map(async (word) =>
      isId(word)
        ? await Sandbox.connect(word, options)
        : pick(word, infos).sandbox,
    ),
  );
}

/** The sandbox that a word means. */
export async function findSandbox(
  session: Session,
  word: string,
): Promise<Sandbox> {
  const [sandbox] = await findSandboxes(session, [word]);
  if (sandbox !== undefined) return sandbox;
  throw new Error('no sandbox was looked for');
}
