import type { SandboxId } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { Store } from '../src/index.ts';
import { insert, temporary } from './open.ts';

/** Five addresses for sandboxes. */
const SUBNET = { cidr: '10.0.0.0/29', gateway: '10.0.0.1' };
const OTHER = { cidr: '10.9.0.0/24', gateway: '10.9.0.1' };

let place = temporary();
let store: Store;
beforeEach(() => {
  place = temporary();
  store = place.open();
});
afterEach(() => {
  place.clean();
});

function leave(id: SandboxId): void {
  for (const event of ['delete', 'removed'] as const)
    store.sandboxes.transition(id, event, {
      actor: 'test',
      reason: 'test',
      now: 2_000,
    });
}

it('keeps the address of a sandbox, whoever asks', () => {
  const id = insert(store);
  expect(store.addresses.hold(id, SUBNET)).toBe('10.0.0.2');
  expect(place.open().addresses.hold(id, SUBNET)).toBe('10.0.0.2');
});

it('gives no address to two sandboxes, over several connections', () => {
  const stores = [store, place.open(), place.open()];
  const given = Array.from({ length: 60 }, (_, index) =>
    stores[index % 3]?.addresses.hold(insert(store), OTHER),
  );
  expect(new Set(given).size).toBe(60);
});

it('gives back the address of a deleted sandbox only after all others were given', () => {
  const gone = insert(store);
  expect(store.addresses.hold(gone, SUBNET)).toBe('10.0.0.2');
  leave(gone);
  const given = Array.from({ length: 5 }, () =>
    store.addresses.hold(insert(store), SUBNET),
  );
  expect(given).toEqual([
    '10.0.0.3',
    '10.0.0.4',
    '10.0.0.5',
    '10.0.0.6',
    '10.0.0.2',
  ]);
});

it('says no_capacity when every address belongs to a sandbox', () => {
  const held = Array.from({ length: 5 }, () => insert(store));
  for (const id of held) store.addresses.hold(id, SUBNET);
  const late = insert(store);
  let error: unknown;
  try {
    store.addresses.hold(late, SUBNET);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'no_capacity' });
  expect(error).toBeInstanceOf(DomainError);
  const [first] = held;
  if (first !== undefined) leave(first);
  expect(store.addresses.hold(late, SUBNET)).toBe('10.0.0.2');
});

it('gives the next one after an address was given back', () => {
  const id = insert(store);
  expect(store.addresses.hold(id, SUBNET)).toBe('10.0.0.2');
  store.addresses.release(id);
  expect(store.addresses.hold(id, SUBNET)).toBe('10.0.0.3');
});

it('gives another address where the network has another subnet', () => {
  const id = insert(store);
  store.addresses.hold(id, SUBNET);
  expect(store.addresses.hold(id, OTHER)).toBe('10.9.0.2');
  expect(store.addresses.hold(insert(store), SUBNET)).toBe('10.0.0.3');
});
