/**
 * An api in a process of its own on the database of another: says its port, and in the middle of each create, decided and not yet
 * committed, `decided`, and stays there for a while.
 */
import { writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openStore } from '@sandboxed/store';
import { listen, world } from './support.ts';

const HELD_MS = 700;
const [path = '', settings = '{}'] = process.argv.slice(2);

const here = await world(JSON.parse(settings) as Record<string, string>);
const store = openStore({
  path,
  keyFile: join(dirname(path), 'secret.key'),
  onCommit: () => undefined,
  onError: () => undefined,
});
let rows = 0;
const { url } = await listen({
  ...here,
  store: {
    ...store,
    jobs: {
      ...store.jobs,
      submit(job) {
        rows += 1;
        writeSync(1, `decided ${rows}\n`);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS);
        store.jobs.submit(job);
      },
    },
  },
});
writeSync(1, `${url}\n`);
