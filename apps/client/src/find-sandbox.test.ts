import { thrown } from '../test/thrown.ts';
import { isId, pick } from './find-sandbox.ts';

const ONE = { id: '01M8KJJCCBCNR2NCFS6AQDNMDM', name: 'demo' };
const TWO = { id: '01M8KJJPZ6R31ASYEC2QKYQE0Z', name: '01M8KJJC' };
const THREE = { id: '02AAAAAAAAAAAAAAAAAAAAAAAA', name: 'demo' };

it('a beginning of an id that only one has means that one, in either case', () => {
  expect(pick('01M8KJJP', [ONE, TWO, THREE])).toBe(TWO);
  expect(pick('02a', [ONE, TWO, THREE])).toBe(THREE);
});

it('a name comes before the beginning of an id', () => {
  expect(pick('01M8KJJC', [ONE, TWO, THREE])).toBe(TWO);
});

it('a name is meant as it is written', () => {
  expect(() => pick('DEMO', [ONE])).toThrow('There is no sandbox "DEMO".');
  expect(() => pick('dem', [ONE])).toThrow('There is no sandbox "dem".');
});

it.each(['', 'nope', '01M9'])('%j means none', (word) => {
  expect(thrown(() => pick(word, [ONE, TWO]))).toMatchObject({
    code: 'sandbox_not_found',
    exitCode: 1,
  });
});

it('what several have is told with their ids, and is wrong use', () => {
  expect(thrown(() => pick('demo', [ONE, TWO, THREE]))).toMatchObject({
    exitCode: 2,
    message: `"demo" means 2 sandboxes: ${ONE.id}, ${THREE.id}.`,
  });
  expect(() => pick('01M8', [ONE, TWO, THREE])).toThrow('means 2 sandboxes');
});

it('a whole id is known as one', () => {
  expect(isId(ONE.id)).toBe(true);
  expect(isId(ONE.id.toLowerCase())).toBe(true);
  expect(isId(ONE.id.slice(1))).toBe(false);
  expect(isId('demo')).toBe(false);
});
