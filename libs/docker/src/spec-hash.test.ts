import { specHash } from './spec-hash.ts';

const body = {
  Image: 'some/image:1',
  Env: ['A=1'],
  Labels: { one: '1', two: '2' },
  HostConfig: { Memory: 1 },
};

describe('the hash of a container', () => {
  it('does not depend on the order of keys, at any depth', () => {
    const { HostConfig, Image, Env } = body;
    const turned = { HostConfig, Labels: { two: '2', one: '1' }, Env, Image };
    expect(specHash(turned)).toBe(specHash(body));
  });

  it.each([
    ['a limit', { HostConfig: { Memory: 2 } }],
    ['a label', { Labels: { one: '1', two: '3' } }],
    ['a variable', { Env: ['A=2'] }],
    ['the image', { Image: 'some/image:2' }],
  ])('changes with %s', (_what, change) => {
    expect(specHash({ ...body, ...change })).not.toBe(specHash(body));
  });
});
