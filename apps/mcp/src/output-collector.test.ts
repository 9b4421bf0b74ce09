import { boundedText, createOutputCollector } from './output-collector.ts';

it('keeps what fits as it is, in whatever pieces it came', () => {
  const collector = createOutputCollector(8);
  for (const piece of ['a', 'bcd', '', 'efgh']) collector.add(piece);
  expect(collector.read()).toEqual({ text: 'abcdefgh', truncated: false });
});

it('keeps the beginning and the end of more, and says how much is missing', () => {
  const collector = createOutputCollector(8);
  for (const piece of ['abcd', 'efg', 'hijk', 'l']) collector.add(piece);
  expect(collector.read()).toEqual({
    text: 'ab\n[… 4 characters left out here …]\nghijkl',
    truncated: true,
  });
});

it('bounds a text at once', () => {
  expect(boundedText('short', 8)).toBe('short');
  expect(boundedText('x'.repeat(100_000)).length).toBeLessThan(65_600);
});
