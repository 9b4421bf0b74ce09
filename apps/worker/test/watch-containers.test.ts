import type { ContainerEvent } from '@sandboxed/docker';
import type { SandboxId } from '@sandboxed/domain';
import { watchContainers } from '../src/watch-containers.ts';
import type { World } from './support.ts';
import {
  afterwards,
  cleanUp,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

/** Watches with an Engine that tells what `tell` is given. */
function watching(place: World): {
  tell: (event: ContainerEvent) => void;
  unrouted: SandboxId[];
} {
  const unrouted: SandboxId[] = [];
  let onEvent: (event: ContainerEvent) => void = () => undefined;
  const stop = watchContainers(
    {
      ...place.deps,
      docker: {
        ...place.deps.docker,
        watch: (listener) => {
          onEvent = listener;
          return Promise.resolve();
        },
      },
      edge: { ...place.deps.edge, unroute: (id) => unrouted.push(id) },
    },
    { one: () => Promise.resolve() },
  );
  afterwards(stop);
  return {
    tell: (event) => {
      onEvent(event);
    },
    unrouted,
  };
}

it('nobody is led any more to a container that died by itself, from the moment that the Engine says so', () => {
  const place = world();
  const id = runningSandbox(place);
  const { tell, unrouted } = watching(place);
  tell({ action: 'pause', sandboxId: id });
  expect(unrouted).toEqual([]);
  tell({ action: 'die', sandboxId: id });
  expect(unrouted).toEqual([id]);
});

it('the routes of a sandbox that a job starts, stops or removes are left to the job', () => {
  const place = world();
  const id = runningSandbox(place);
  submit(place, id, 'delete', {});
  const { tell, unrouted } = watching(place);
  tell({ action: 'die', sandboxId: id });
  expect(unrouted).toEqual([]);
});

it('the routes of one that has just been stopped are cleared without haste', () => {
  const place = world();
  const id = runningSandbox(place);
  place.store.sandboxes.transition(id, 'exited', {
    actor: 'test',
    reason: 'test',
    now: 1,
  });
  const { tell, unrouted } = watching(place);
  tell({ action: 'die', sandboxId: id });
  expect(unrouted).toEqual([]);
});
