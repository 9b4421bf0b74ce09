import {
  bootSchema,
  serviceNameSchema,
  startProcessSchema,
} from './protocol.ts';

const start = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  cmd: ['true'],
  output_cap_bytes: 1_000,
};

describe('the request to start a process', () => {
  it('takes argv', () => {
    expect(startProcessSchema.safeParse(start).success).toBe(true);
  });

  it.each([
    ['both argv and a script', { shell: 'true' }],
    ['neither argv nor a script', { cmd: undefined }],
    ['an empty argv', { cmd: [] }],
    ['an id that is a path', { id: '../../../../etc/passwd0000' }],
    ['an id in lower case', { id: start.id.toLowerCase() }],
    ['NUL in an argument', { cmd: ['a\0b'] }],
    ['a variable name with =', { env: { 'A=B': 'c' } }],
    ['no cap', { output_cap_bytes: undefined }],
    ['a time that no timer can hold', { timeout_ms: 2 ** 31 }],
  ])('refuses %s', (_what, change) => {
    expect(startProcessSchema.safeParse({ ...start, ...change }).success).toBe(
      false,
    );
  });

  it('ignores what only a newer worker knows', () => {
    expect(startProcessSchema.safeParse({ ...start, nice: 5 }).success).toBe(
      true,
    );
  });
});

describe('the name of a service', () => {
  it.each(['web', '0', 'a-b', 'a'.repeat(63)])('may be %j', (name) => {
    expect(serviceNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(['', '-a', 'A', 'a/b', '..', 'a'.repeat(64), 'a\n'])(
    'may not be %j',
    (name) => {
      expect(serviceNameSchema.safeParse(name).success).toBe(false);
    },
  );
});

describe('the boot of an agent', () => {
  it('names each service once', () => {
    const web = { name: 'web', command: 'true' };
    expect(
      bootSchema.safeParse({ env: {}, services: [web, web] }).success,
    ).toBe(false);
  });
});
