import { mapInspect, mapList, readOwnership } from './map-inspect.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const labels = {
  'sandboxed.managed': 'true',
  'sandboxed.instance': 'here',
  'sandboxed.id': ID,
  'sandboxed.generation': '3',
};
const state = {
  Status: 'exited',
  Running: false,
  Paused: false,
  ExitCode: 137,
  OOMKilled: true,
};
const answer = {
  Id: 'abc',
  Name: '/s-one',
  Config: { Labels: labels },
  State: state,
};

test('our container is described in our own words', () => {
  expect(mapInspect(answer, 'here')).toEqual({
    dockerId: 'abc',
    name: 's-one',
    status: 'exited',
    ours: {
      dockerId: 'abc',
      name: 's-one',
      sandboxId: ID,
      generation: 3,
      running: false,
      paused: false,
      exitCode: 137,
      oomKilled: true,
    },
  });
});

test.each([
  ['another instance', { ...labels, 'sandboxed.instance': 'there' }],
  ['no mark of ours', { ...labels, 'sandboxed.managed': 'false' }],
  ['an id that is none', { ...labels, 'sandboxed.id': '../etc' }],
  ['a negative generation', { ...labels, 'sandboxed.generation': '-1' }],
  [
    'a generation with trailing text',
    { ...labels, 'sandboxed.generation': '1x' },
  ],
  ['no labels', {}],
])('a container with %s is not ours', (_case, other) => {
  expect(readOwnership(other, 'here')).toBeUndefined();
});

test('null labels are no labels', () => {
  const found = mapInspect({ ...answer, Config: { Labels: null } }, 'here');
  expect(found.ours).toBeUndefined();
});

test('an answer without a state is an error and not a stopped container', () => {
  expect(() => mapInspect({ ...answer, State: {} }, 'here')).toThrow(
    'invalid_type',
  );
});

test.each([
  ['running', true, false],
  ['paused', true, true],
])(
  'a %s container in the list needs no second question',
  (State, running, paused) => {
    const row = { Id: 'abc', Names: ['/s-one'], Labels: labels, State };
    expect(mapList([row], 'here')).toMatchObject([
      { dockerId: 'abc', name: 's-one', running, paused },
    ]);
  },
);

test('the list does not tell how a container ended', () => {
  const row = { Id: 'abc', Names: ['/s-one'], Labels: labels, State: 'exited' };
  expect(mapList([row], 'here')).toMatchObject([
    { dockerId: 'abc', running: false, exitCode: undefined },
  ]);
});

test('the list drops what is not of this instance', () => {
  const row = {
    Id: 'abc',
    Names: ['/s-one'],
    Labels: labels,
    State: 'running',
  };
  expect(mapList([row], 'there')).toEqual([]);
});
