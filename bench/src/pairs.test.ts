import { pairs } from './pairs.ts';

it('lets another side go first each time', async () => {
  const order: string[] = [];
  const work = (side: string) => () => {
    order.push(side);
    return Promise.resolve(1);
  };
  await pairs({ n: 2, warmUp: 1, ours: work('ours'), raw: work('raw') });
  expect(order).toEqual(['raw', 'ours', 'ours', 'raw', 'raw', 'ours']);
});

it('leaves out warm-up rounds', async () => {
  let call = 0;
  const ours = () => {
    call += 1;
    return Promise.resolve(call === 1 ? 1_000 : 1);
  };
  const found = await pairs({ n: 3, warmUp: 1, ours });
  expect(found).toMatchObject({ attempts: 3, failed: 0, ours: { p99: 1 } });
});

it('counts and tells what failed, also while warming up', async () => {
  const found = await pairs({
    ...{ n: 2, warmUp: 1, raw: () => Promise.resolve(1) },
    ours: () => Promise.reject(new Error('refused')),
  });
  expect(found).toMatchObject({ attempts: 5, failed: 3, ratio: undefined });
  expect(found.failures[0]).toBe('ours: Error: refused');
});
