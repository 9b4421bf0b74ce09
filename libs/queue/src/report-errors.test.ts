import { quietRepeats } from './report-errors.ts';

test('the same message is passed on once in 30 s, others at once', () => {
  let now = 0;
  const seen: string[] = [];
  const report = quietRepeats(
    (error) => seen.push(error.message),
    () => now,
  );
  report(new Error('refused'));
  report(new Error('refused'));
  report('reset');
  now = 30_000;
  report(new Error('refused'));
  expect(seen).toEqual(['refused', 'reset', 'refused']);
});
