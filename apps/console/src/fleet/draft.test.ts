import { EMPTY, problemsOf, specOf } from './draft.ts';

it('leaves to the installation what is left empty', () => {
  expect(specOf(EMPTY)).toEqual({
    problems: {},
    spec: {
      ports: [3000],
      limits: {},
      env: {},
      visibility: 'public',
      egress: 'open',
      idle_policy: 'sleep',
    },
  });
});

it('sends what is filled in', () => {
  expect(
    specOf({
      name: ' my app ',
      template: 'next',
      image: 'mine:1',
      ports: '3000 8080,9000',
      memoryMb: '512',
      cpus: '0.5',
      env: 'A=1\n\n B_2=x=y \nC=',
      visibility: 'private',
      egress: 'none',
      sleeps: true,
      idleMinutes: '1.5',
    }),
  ).toEqual({
    problems: {},
    spec: {
      name: 'my app',
      template: 'next',
      image: 'mine:1',
      ports: [3000, 8080, 9000],
      limits: { memory_mb: 512, cpus: 0.5 },
      env: { A: '1', B_2: 'x=y', C: '' },
      visibility: 'private',
      egress: 'none',
      idle_policy: 'sleep',
      idle_timeout_seconds: 90,
    },
  });
});

it('sends no idle timeout of one that does not sleep', () => {
  const { spec } = specOf({ ...EMPTY, sleeps: false, idleMinutes: '5' });
  expect(spec).toMatchObject({ idle_policy: 'always_on' });
  expect(spec).not.toHaveProperty('idle_timeout_seconds');
});

it('says at each field what cannot be read there', () => {
  expect(
    specOf({ ...EMPTY, ports: '3000, x', cpus: 'two', env: 'A=1\nnothing' }),
  ).toEqual({
    problems: {
      ports: 'Give numbers, such as 3000, 8080.',
      cpus: 'This is no number.',
      env: 'Line 2 is not of the form NAME=value.',
    },
  });
});

it('brings what the API finds wrong to the fields that it means', () => {
  const fields = [
    { path: '/ports/0', message: 'must be at least 1' },
    { path: '/limits/memory_mb', message: 'is too small' },
    { path: '/external', message: 'is not asked for here' },
  ];
  expect(problemsOf({ fields })).toEqual({
    ports: 'Must be at least 1.',
    memoryMb: 'Is too small.',
  });
});
