import { withGap } from './log-gap.ts';

it('says on a line of its own how much is lost', () => {
  expect(withGap('one\ntw', 1_234)).toBe(
    'one\ntw\n… 1,234 bytes are gone: no longer kept …\n',
  );
  expect(withGap('one\n', 1)).toBe('one\n… 1 byte is gone: no longer kept …\n');
});

it('says so where nobody knows how much, too', () => {
  expect(withGap('', undefined)).toBe(
    '… Some of the log is gone: no longer kept …\n',
  );
});
