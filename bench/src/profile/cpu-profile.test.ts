import { bundleNames } from './bundle-lines.ts';
import type { CpuProfile } from './cpu-profile.ts';
import { busyShare, costs } from './cpu-profile.ts';

const frame = (functionName: string, url = '', lineNumber = -1) => ({
  callFrame: { functionName, url, lineNumber },
});
const BUNDLE = 'file:///dist/api.mjs';
const profile: CpuProfile = {
  nodes: [
    { id: 1, ...frame('(root)'), children: [2, 6] },
    { id: 2, ...frame('submit', BUNDLE, 2), children: [3, 5] },
    { id: 3, ...frame('submit', BUNDLE, 2), children: [4] },
    { id: 4, ...frame('parse', BUNDLE, 4) },
    { id: 5, ...frame('') },
    { id: 6, ...frame('(idle)') },
  ],
  ...{ startTime: 0, endTime: 10_000 },
  samples: [3, 4, 5, 6],
  timeDeltas: [1_000, 2_000, 3_000, 4_000],
};
const names = bundleNames(
  [
    '// libs/store/src/jobs.ts',
    '',
    'function submit() {}',
    '// node_modules/zod/v4/core.js',
    'function parse() {}',
  ].join('\n'),
);

it('counts what recurs once, and names native code by its caller', () => {
  expect(costs(profile, names.file)).toEqual([
    { name: 'native under libs/store/src/jobs.ts', selfMs: 3, totalMs: 3 },
    { name: 'zod', selfMs: 2, totalMs: 2 },
    { name: 'libs/store/src/jobs.ts', selfMs: 1, totalMs: 6 },
  ]);
});

it('does not count waiting as work', () => {
  expect(busyShare(profile)).toBeCloseTo(0.6);
});
