import { thrown } from '../test/thrown.ts';
import { readLabels, readVariables, wholeNumber } from './options.ts';

it('a variable is given with its value, or has the one that it has here', () => {
  expect(readVariables(['A=1=2', 'B', 'C='], { B: 'here', C: 'x' })).toEqual({
    A: '1=2',
    B: 'here',
    C: '',
  });
});

it.each(['NONE', '=x', ''])('%j is no variable', (given) => {
  expect(thrown(() => readVariables([given], {}))).toMatchObject({
    exitCode: 2,
  });
});

it('a label is a key and a value', () => {
  expect(readLabels(['a=b', 'c=d=e'])).toEqual({ a: 'b', c: 'd=e' });
  expect(() => readLabels(['a'])).toThrow('no key=value');
});

it.each(['', '-1', '1.5', '0x10', 'ten', '11', '0', '99999999999999999999'])(
  '%j is no whole number from 1 to 10',
  (given) => {
    expect(wholeNumber(1, 10).safeParse(given).error?.issues[0]?.message).toBe(
      'must be a whole number from 1 to 10',
    );
  },
);

it('both ends are within', () => {
  expect([
    wholeNumber(1, 10).parse('1'),
    wholeNumber(1, 10).parse('10'),
  ]).toEqual([1, 10]);
});
