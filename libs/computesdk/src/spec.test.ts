import { InvalidRequestError } from '@sandboxed/sdk';
import { specOf } from './spec.ts';

it('says what ComputeSDK asks for in our words', () => {
  expect(
    specOf({
      ...{ name: 'a', templateId: 'next', image: 'b', cpu: 2, memory: 512 },
      envs: { KEY: 'secret' },
      metadata: { team: 'web', tries: 3 },
      timeout: 90_500,
      ports: [3000, 8080],
      runtime: 'node',
    }),
  ).toEqual({
    ...{ name: 'a', template: 'next', image: 'b' },
    env: { KEY: 'secret' },
    labels: { team: 'web', tries: '3' },
    idleTimeoutSeconds: 91,
    ports: [3000, 8080],
    limits: { cpus: 2, memoryMb: 512 },
  });
});

it('leaves to the installation what is not asked for', () => {
  expect(specOf({})).toEqual({ limits: {} });
});

it.each([{ snapshotId: 'x' }, { ports: ['8080'] }, { ports: 8080 }])(
  'says that it cannot do %j',
  (options) => {
    expect(() => specOf(options)).toThrow(InvalidRequestError);
  },
);

it('leaves it to the installation what templates it has', () => {
  expect(specOf({ templateId: 'of-a-newer-host' })).toMatchObject({
    template: 'of-a-newer-host',
  });
});
