import { cleanUp, finish, listen, running, world } from './support.ts';
import type { Store } from '@sandboxed/store';
import type { SandboxId } from '@sandboxed/domain';

afterEach(cleanUp);

/** What the worker writes while it removes a sandbox. */
function remove(store: Store, id: SandboxId): void {
  const by = { actor: 'test', reason: 'test', now: Date.now() };
  store.sandboxes.transition(id, 'delete', by);
  store.sandboxes.transition(id, 'removed', by);
  finish(store, id);
}

it('answers a removal that is queued already instead of queueing a second one', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const first = await api(`DELETE /sandbox/${id}`);
  const again = await api(`DELETE /v1/sandboxes/${id}`);
  expect(again.status).toBe(202);
  expect(again.body['job_id']).toBe(first.body['job_id']);
  const purge = await api(`POST /sandbox/${id}/purge`);
  const purgeAgain = await api(`POST /sandbox/${id}/purge`);
  expect(purge.body['job_id']).not.toBe(first.body['job_id']);
  expect(purgeAgain.body['job_id']).toBe(purge.body['job_id']);
  expect(deps.store.jobs.mailbox(id).map(({ kind }) => kind)).toEqual([
    'delete',
    'purge',
  ]);
});

it('answers a delete with the purge that is on its way', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const purge = await api(`POST /sandbox/${id}/purge`);
  const { body } = await api(`DELETE /sandbox/${id}`);
  expect(body['job_id']).toBe(purge.body['job_id']);
});

it('makes an id wait for the removal of its former sandbox', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  await api(`DELETE /sandbox/${id}`);
  await api(`POST /sandbox/${id}/purge`);
  for (const ended of ['nothing', 'the delete']) {
    if (ended === 'the delete') remove(deps.store, id);
    const { status, body, headers } = await api('POST /sandbox', { id });
    expect([status, body['code'], body['retryable']]).toEqual([
      409,
      'busy',
      true,
    ]);
    expect(headers.get('retry-after')).toBe('1');
  }
  finish(deps.store, id);
  expect((await api('POST /sandbox', { id })).status).toBe(202);
});

it('refuses the id of a sandbox that stays, whatever it is at', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  for (const call of [undefined, `POST /sandbox/${id}/exec`]) {
    if (call !== undefined) await api(call, { shell: 'true' });
    const { status, body } = await api('POST /sandbox', { id });
    expect([status, body['code'], body['retryable']]).toEqual([
      409,
      'id_taken',
      false,
    ]);
  }
});
