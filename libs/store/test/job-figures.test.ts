import type { JobFigure } from '@sandboxed/domain';
import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import { temporary } from './open.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const figure = (detail: string, ...seconds: readonly number[]): JobFigure => ({
  ...{ measure: 'phase', kind: 'create', detail },
  histogram: seconds.reduce(withDuration, NO_DURATIONS),
});

it('adds up what workers measured, and keeps it when they are gone', () => {
  const [one, other] = [place.open(), place.open()];
  one.jobFigures.add([figure('agent', 0.1, 0.2), figure('start', 3)]);
  other.jobFigures.add([figure('agent', 0.2)]);
  one.workers.remove('one');
  other.jobFigures.add([]);
  expect(place.open().jobFigures.all()).toEqual([
    figure('agent', 0.1, 0.2, 0.2),
    figure('start', 3),
  ]);
});
