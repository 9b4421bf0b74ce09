import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack | undefined;

afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

it('runs beside the installed stack, starts again what is killed and leaves nothing behind', async () => {
  const mine = await startOwnStack();
  stack = mine;
  const created = await fetch(`${mine.api}/sandbox?wait=60`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(created.status).toBe(201);
  const { id } = z.object({ id: z.string() }).parse(await created.json());
  for (const name of mine.children.keys()) await mine.child(name).kill();
  await mine.ready();
  expect(new Set(mine.exits.map(({ signal }) => signal))).toEqual(
    new Set(['SIGKILL']),
  );
  const ran = await fetch(`${mine.api}/sandbox/${id}/exec?wait=60`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ shell: 'echo still here' }),
  });
  expect(await ran.json()).toMatchObject({ stdout: 'still here\n' });
  await mine.close();
  stack = undefined;
  const label = `label=sandboxed.instance=${mine.instance}`;
  expect(await docker('ps', '-aq', '--filter', label)).toEqual([]);
  expect(await docker('network', 'ls', '-q', '--filter', label)).toEqual([]);
  expect(existsSync(dirname(mine.dataDir))).toBe(false);
}, 120_000);
