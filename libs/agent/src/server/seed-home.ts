import fs from 'node:fs';
import path from 'node:path';

const MARKER = '.sandboxed-seeded';

/**
 * Gives a new home the image's skeleton, once: files that are there already stay as they are, and what the user deletes
 * later does not come back. Makes the app directory every time.
 */
export function seedHome(options: {
  readonly home: string;
  readonly skeleton: string;
  readonly appDirectory: string;
}): void {
  const marker = path.join(options.home, MARKER);
  if (!fs.existsSync(marker)) {
    if (fs.existsSync(options.skeleton))
      fs.cpSync(options.skeleton, options.home, {
        recursive: true,
        force: false,
        verbatimSymlinks: true,
      });
    fs.writeFileSync(marker, '', { mode: 0o600 });
  }
  fs.mkdirSync(options.appDirectory, { recursive: true });
}
