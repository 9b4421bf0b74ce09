import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Runs as a process of its own, as one in a sandbox would: swaps `d` for `link` and back until it is killed. */
const [, , where = ''] = process.argv;
const place = join(where, 'd');
const link = join(where, 'link');

/** A call may have made `d` anew or removed it in between. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {
    rmSync(join(where, 'aside'), { recursive: true, force: true });
  }
}

process.send?.('ready');
for (;;) {
  const aside = join(where, 'aside');
  attempt(() => {
    renameSync(place, aside);
  });
  attempt(() => {
    renameSync(link, place);
    renameSync(place, link);
  });
  attempt(() => {
    renameSync(aside, place);
  });
}
