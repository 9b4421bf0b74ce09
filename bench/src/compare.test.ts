import { compare } from './compare.ts';
import type { Result, Row } from './result.ts';

const row = (path: string, rest: Partial<Row>): Row => ({
  ...{ path, bound: { kind: 'none' }, attempts: 1, failed: 0, failures: [] },
  ...rest,
});
const result = (...rows: Row[]): Result => ({
  ...{ format: 1, at: '', commit: '', settings: {}, rows },
  machine: {
    ...{ cpu: '', cores: 2, memoryMb: 1, kernel: '', docker: '', runc: '' },
    ...{ node: '', fileSystem: '', fdatasyncP50Ms: 1 },
  },
});

it('compares by the ratio and tells whether the intervals overlap', () => {
  const lines = compare(
    result(
      row('exec', { ratio: { value: 0.5, interval: [0.4, 0.6] } }),
      row('stop', { ratio: { value: 1, interval: [0.9, 1.1] } }),
    ),
    result(
      row('exec', { ratio: { value: 0.25, interval: [0.2, 0.3] } }),
      row('stop', { ratio: { value: 1.05, interval: [1, 1.2] } }),
    ),
  );
  expect(lines[2]).toBe('| exec | 0.50× | 0.25× | -50 % | apart |');
  expect(lines[3]).toBe('| stop | 1.00× | 1.05× | +5 % | overlap |');
});

it('tells of a path that only one of them has', () => {
  const lines = compare(result(), result(row('new', { perSecond: 1_200 })));
  expect(lines[2]).toBe('| new | – | 1200.00/s | – | – |');
});
