import { sizeOfMb, toMb } from './size.ts';

it.each([
  [0, '0 MiB'],
  [311.6, '312 MiB'],
  [1_536, '1.5 GiB'],
  [204_800, '200 GiB'],
])('tells %d MiB as %s', (mb, told) => {
  expect(sizeOfMb(mb)).toBe(told);
});

it('takes bytes for MiB', () => {
  expect(toMb(3_145_728)).toBe(3);
});
