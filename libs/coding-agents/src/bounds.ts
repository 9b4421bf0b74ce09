/** What is kept of a program's output, in characters. */
export const TEXT_LIMITS = {
  line: 16 * 1024 * 1024,
  message: 256 * 1024,
  failure: 4 * 1024,
  raw: 4 * 1024,
  title: 500,
  path: 4096,
  id: 256,
} as const;

/** At most `limit` characters, never half of one. */
export const clip = (text: string, limit: number): string =>
  text.slice(0, limit).toWellFormed();

/** One line of at most a title's length. */
export const titleOf = (text: string): string =>
  clip(
    text
      .slice(0, 2 * TEXT_LIMITS.title)
      .replace(/\s+/g, ' ')
      .trim(),
    TEXT_LIMITS.title,
  );

const APP_DIRECTORY = '/home/sandbox/workspace/app';

/** A path as events name it: relative to the app directory when inside it. */
export function eventPath(path: string): string {
  const inside =
    path.startsWith(`${APP_DIRECTORY}/`) && !path.split('/').includes('..');
  return clip(
    inside ? path.slice(APP_DIRECTORY.length + 1) : path,
    TEXT_LIMITS.path,
  );
}
