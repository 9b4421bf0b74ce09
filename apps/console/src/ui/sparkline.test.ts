import { sparkline, topOf } from './sparkline.ts';

const size = { width: 100, height: 22 };

it('draws from the left edge to the right one, the most at the top', () => {
  expect(sparkline([0, 50, 100], 100, size)).toBe(
    '0.0,21.0 50.0,11.0 100.0,1.0',
  );
});

it('stays within its box whatever comes', () => {
  expect(sparkline([-5, 900], 100, size)).toBe('0.0,21.0 100.0,1.0');
});

it('draws nothing of nothing, and one value as a level', () => {
  expect(sparkline([], 100, size)).toBe('');
  expect(sparkline([100], 100, size)).toBe('0.0,1.0 100.0,1.0');
});

it('scales to what there is, and to a tenth of the limit at least', () => {
  expect(topOf([20, 50], 100)).toBe(60);
  expect(topOf([1], 100)).toBe(10);
  expect(topOf([], 100)).toBe(10);
});
