import { runtimeProblem } from './engine-facts.ts';

const engine = { runtimes: ['io.containerd.runc.v2', 'runc', 'runsc'] };

it.each(['runc', 'runsc'])('%s is fine where the Engine offers it', (name) => {
  expect(runtimeProblem(engine, name)).toBeUndefined();
});

it('a runtime that the Engine does not offer is refused with those that it does', () => {
  expect(runtimeProblem(engine, 'kata')).toMatch(
    /no runtime "kata", it offers io\.containerd\.runc\.v2, runc, runsc\./,
  );
});
