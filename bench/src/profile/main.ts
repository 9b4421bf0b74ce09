import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startOwnStack } from '../../../e2e/src/own-stack/own-stack.ts';
import { runLoad } from '../load/run-load.ts';
import { bundleNames } from './bundle-lines.ts';
import type { Cost } from './cpu-profile.ts';
import { busyShare, costs } from './cpu-profile.ts';
import { profileWhile } from './inspector.ts';

const HELP = `npm run profile -- [api|worker] [--seconds S] [--wait]

Starts a stack of its own, sends it jobs (exec of true, 64 clients, 12 sandboxes), and writes a V8 CPU profile of the api
(default) or of one worker under that load to bench/profiles/: open it with Chrome's developer tools or speedscope.
Prints what cost most, by itself and with what it called.

  --seconds S   how long; 4 unless told, so that no mailbox gets full
  --wait        clients wait for the result of each exec, instead of sending as many as are accepted`;

const ROOT = join(import.meta.dirname, '../../..');
const SANDBOXES = 12;
/** Below what a mailbox takes, times the sandboxes. */
const MOST_REQUESTS = 5_500;
const LINES = 25;
const LISTENING = /Debugger listening on (ws:\/\/\S+)/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '4' },
    wait: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const target = z.enum(['api', 'worker']).safeParse(positionals[0] ?? 'api');
const seconds = z.coerce.number().positive().max(300).parse(values.seconds);
if (values.help || !target.success) console.log(HELP);
else await profile(target.data);

async function profile(name: 'api' | 'worker'): Promise<void> {
  const stack = await startOwnStack({
    // The load is to meet one worker when that is what is looked at.
    workers: name === 'worker' ? 1 : 2,
    // What a test may ask of a process at each step costs calls of the file system.
    env: { NODE_OPTIONS: '--inspect=127.0.0.1:0', SANDBOXED_CRASH_DIR: '' },
    readable: true,
  });
  try {
    const ids: string[] = [];
    for (let index = 0; index < SANDBOXES; index += 1) {
      const response = await fetch(`${stack.api}/sandbox?wait=60`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      ids.push(
        z.looseObject({ id: z.string() }).parse(await response.json()).id,
      );
    }
    const child = name === 'api' ? 'api' : 'worker-1';
    const address = LISTENING.exec(await stack.log(child, Infinity))?.[1];
    if (address === undefined) throw new Error(`${child} has no inspector`);
    let said = '';
    const found = await profileWhile(address, async () => {
      const load = await runLoad({
        url: stack.api,
        clients: 64,
        seconds,
        requests: values.wait ? 1_000_000 : MOST_REQUESTS,
        headers: {},
        posts: ids.map((id) => ({
          path: `/sandbox/${id}/exec${values.wait ? '?wait=60' : ''}`,
          body: JSON.stringify({ cmd: ['true'] }),
        })),
      });
      said = `${load.timesMs.length} answers in ${load.seconds.toFixed(1)} s, failures ${JSON.stringify(load.failures)}`;
    });
    const names = bundleNames(
      await readFile(join(ROOT, `dist/${name}.mjs`), 'utf8'),
    );
    const folder = join(ROOT, 'bench/profiles');
    await mkdir(folder, { recursive: true });
    const file = join(
      folder,
      `${name}${values.wait ? '-waited' : ''}.cpuprofile`,
    );
    await writeFile(file, JSON.stringify(found));
    console.log(
      [
        `${name}: ${said}; busy ${(busyShare(found) * 100).toFixed(0)} % of the time`,
        ...table(
          'Files and packages, by what they cost themselves',
          costs(found, names.file),
        ),
        ...table(
          'Functions, by what they cost themselves',
          costs(found, names.function),
        ),
        ...table(
          'Functions, with what they called',
          costs(found, names.function).toSorted(
            (a, b) => b.totalMs - a.totalMs,
          ),
        ),
        `written to ${file}`,
      ].join('\n'),
    );
  } finally {
    await stack.close();
  }
}

function table(title: string, all: readonly Cost[]): readonly string[] {
  const sum = all.reduce((total, { selfMs }) => total + selfMs, 0);
  const share = (ms: number): string => `${((100 * ms) / sum).toFixed(1)} %`;
  return [
    `\n${title}`,
    ...all
      .slice(0, LINES)
      .map(
        ({ name, selfMs, totalMs }) =>
          `${share(selfMs).padStart(8)} self ${share(totalMs).padStart(8)} total  ${name}`,
      ),
  ];
}
