import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFirewall } from '../src/firewall.ts';
import { cleanUp, newSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

const NEVER = new AbortController().signal;

let directory: string;
let file: string;
let uptimeFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'firewall-'));
  file = join(directory, 'stands');
  uptimeFile = join(directory, 'uptime');
  writeFileSync(uptimeFile, '1000.50 4000.00\n');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const firewall = (waitMs: number) =>
  createFirewall({ file, uptimeFile, waitMs });

it.each([
  ['just now', '1000.50\n'],
  ['five seconds ago', '995.50\n'],
])('rules that were vouched for %s stand', async (_when, text) => {
  writeFileSync(file, text);
  await expect(firewall(0).stands(NEVER)).resolves.toBeUndefined();
});

it.each([
  ['too long ago', '995.40\n'],
  ['before the host booted', '86400.00\n'],
  ['by half a line', ''],
  ['in words', 'yes\n'],
])('rules that were vouched for %s do not stand', async (_when, text) => {
  writeFileSync(file, text);
  await expect(firewall(0).stands(NEVER)).rejects.toMatchObject({
    code: 'firewall_down',
  });
});

it('waits for a firewall that is being started', async () => {
  const standing = firewall(20_000).stands(NEVER);
  writeFileSync(file, '1000.40\n');
  await expect(standing).resolves.toBeUndefined();
});

it('starts no container that nobody vouches for', async () => {
  const place = world({ firewall: firewall(0) });
  const id = newSandbox(place);
  const create = submit(place, id, 'create', {});
  await place.runner().run(create);
  expect(place.store.jobs.get(create)).toMatchObject({
    status: 'failed',
    error: { code: 'firewall_down', retryable: true },
  });
  expect(place.deps.docker.calls.some((call) => call.startsWith('start'))).toBe(
    false,
  );
}, 20_000);
