import { codeOf, insert, newSandbox, temporary } from './open.ts';

let place: ReturnType<typeof temporary>;
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

it('leaves an id to its tenant for as long as anything of the sandbox is there', () => {
  const store = place.open();
  const id = insert(store);
  const details = { actor: 'test', reason: 'test', now: 2_000 };
  const take = (): void => {
    const theirs = { ...newSandbox(id), tenant: 'ben' };
    store.sandboxes.insert(theirs, {}, details);
  };
  const trim = (now: number): number =>
    store.trim({ now, keepMs: 1_000, maxBytes: 1e12, batch: 1 });
  const events = () => store.events.after({ sandboxId: id }, 0, 9);
  expect(codeOf(take)).toBe('id_taken');
  store.sandboxes.transition(id, 'delete', details);
  store.sandboxes.transition(id, 'removed', details);
  expect(codeOf(take)).toBe('id_taken');
  store.sandboxes.forgetWorkspace(id);
  expect(codeOf(take)).toBe('id_taken');
  for (let round = 0; round < 10 && trim(9_000) > 0; round += 1)
    if (store.sandboxes.get(id) === undefined) expect(events()).toEqual([]);
  take();
  expect(events()).toHaveLength(1);
});
