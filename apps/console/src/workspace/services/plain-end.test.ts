import { plainEnd } from './plain-end.ts';

it('leaves out what is meant for a terminal', () => {
  expect(plainEnd('\x1b[32mok\x1b[0m\r\n\x1b]0;title\x07done\tnow\n')).toBe(
    'ok\ndone\tnow\n',
  );
});

it('keeps the end of a long log from a whole line on', () => {
  const line = `${'x'.repeat(99)}\n`;
  const kept = plainEnd(line.repeat(1_500));
  expect(kept.length).toBeLessThanOrEqual(100_000);
  expect(kept.startsWith('x'.repeat(99))).toBe(true);
  expect(kept.endsWith('x\n')).toBe(true);
});
