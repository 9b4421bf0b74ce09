import { join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import { sql } from '../../../libs/store/test/sql.ts';
import type { World } from './support.ts';
import {
  agentThatServes,
  cleanUp,
  newSandbox,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

/** What a lost key or a flipped bit leaves of a sandbox's environment. */
function damageEnv({ dataDir }: World, id: SandboxId): void {
  sql(
    join(dataDir, 'test.sqlite'),
    'UPDATE sandboxes SET env_sealed = substr(env_sealed, 1, 20) WHERE id = ?',
    id,
  );
}

it('fails the start of the sandbox whose environment cannot be decrypted, says so, and goes on with others', async () => {
  const place = world();
  const damaged = newSandbox(place);
  await agentThatServes(place, damaged);
  damageEnv(place, damaged);
  const runner = place.runner();
  const first = submit(place, damaged, 'create', {});
  await runner.run(first);
  const failure = {
    code: 'secret_unreadable',
    message: expect.stringContaining(`environment of sandbox ${damaged}`),
    retryable: false,
  };
  expect(place.store.jobs.get(first)).toMatchObject({
    status: 'failed',
    error: failure,
  });
  expect(place.store.sandboxes.get(damaged)).toMatchObject({
    state: 'error',
    error_code: 'secret_unreadable',
  });

  const whole = newSandbox(place);
  await agentThatServes(place, whole);
  const second = submit(place, whole, 'create', {});
  await runner.run(second);
  expect(place.store.jobs.get(second)?.status).toBe('succeeded');

  // The way out: it can be deleted, and made again.
  place.store.sandboxes.transition(damaged, 'delete', {
    actor: 'test',
    reason: 'test',
    now: Date.now(),
  });
  const removal = submit(place, damaged, 'delete', {});
  await runner.run(removal);
  expect(place.store.jobs.get(removal)?.status).toBe('succeeded');
  expect(place.store.sandboxes.env(damaged)).toEqual({});
});

it('fails an exec whose environment cannot be decrypted, and says of which sandbox', async () => {
  const place = world();
  const id = runningSandbox(place);
  await agentThatServes(place, id);
  const exec = submit(place, id, 'exec', {
    shell: 'true',
    timeout_seconds: null,
    background: false,
  });
  sql(
    join(place.dataDir, 'test.sqlite'),
    "UPDATE jobs SET secret_sealed = x'01' WHERE id = ?",
    exec,
  );
  await place.runner().run(exec);
  expect(place.store.jobs.get(exec)).toMatchObject({
    status: 'failed',
    error: {
      code: 'secret_unreadable',
      message: expect.stringContaining(`of sandbox ${id} cannot be decrypted`),
    },
  });
});
