import { createSeenContainers } from './seen-containers.ts';

const container = (dockerId: string) => ({
  dockerId,
  sandboxId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  mounts: [],
});

it('remembers the newest, as many as it may', () => {
  const seen = createSeenContainers(2);
  for (const id of ['a', 'b', 'b', 'c']) seen.add(container(id));
  expect(seen.get('a')).toBeUndefined();
  expect(seen.get('b')).toEqual(container('b'));
  expect(seen.get('c')).toEqual(container('c'));
});
