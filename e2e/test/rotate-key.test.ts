import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { marker, search } from '../src/secrets/marker.ts';
import { docker, exec, ok, sandboxes } from '../src/stack.ts';

const run = promisify(execFile);
const SANDBOXED = join(__dirname, '../../sandboxed');

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

it('changes the key of the installed stack while it runs, and what was stored stays usable', async () => {
  const secret = marker('env of a sandbox');
  const { id } = await fleet.create({ env: { KEY: secret.text } });
  const ids: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { stderr } = await run(SANDBOXED, ['rotate-key']);
    ids.push(
      /with the new key ([0-9a-f]{8}), and the old one is gone/.exec(
        stderr,
      )?.[1] ?? stderr,
    );
    await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
    await ok('POST', `/v1/sandboxes/${id}/start?wait=60`);
    expect((await exec(id, 'test ${#KEY} = 33')).exit_code).toBe(0);
  }
  expect(new Set(ids).size).toBe(2);

  const stack = await docker(
    ...['ps', '--all', '--quiet', '--filter'],
    'label=com.docker.compose.project=sandboxed',
  );
  for (const container of stack.split('\n')) {
    const { stdout, stderr } = await run('docker', ['logs', container]);
    const said = stdout + stderr + (await docker('inspect', container));
    expect(search([secret], Buffer.from(said))).toEqual([]);
  }
}, 180_000);
