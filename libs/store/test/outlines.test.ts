import { insert, sandboxId, temporary } from './open.ts';

const place = temporary();
afterAll(() => {
  place.clean();
});

it('outlines what is to have a container, and one row whatever it is', () => {
  const store = place.open();
  const [kept, gone, asleep] = [insert(store), insert(store), insert(store)];
  const by = { actor: 'test', reason: 'test', now: 2_000 };
  for (const event of ['ready', 'delete', 'removed'] as const)
    store.sandboxes.transition(gone, event, by);
  for (const event of ['ready', 'stop', 'exited'] as const)
    store.sandboxes.transition(asleep, event, by);
  const row = store.sandboxes.get(kept);
  expect(store.sandboxes.outlines()).toEqual([
    {
      id: kept,
      state: 'creating',
      generation: row?.generation,
      version: row?.version,
    },
  ]);
  expect(store.sandboxes.outline(asleep)).toMatchObject({ state: 'stopped' });
  expect(store.sandboxes.outline(gone)).toMatchObject({ state: 'deleted' });
  expect(store.sandboxes.outline(sandboxId())).toBeUndefined();
});
