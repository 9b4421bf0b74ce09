import type { DockerDriver } from '@sandboxed/docker';
import type { Tracing } from '@sandboxed/runtime';

/** The same driver, whose calls for a job are spans of its trace. What looks at all containers every few seconds is none. */
export function tracedDriver(
  docker: DockerDriver,
  tracing: Tracing,
): DockerDriver {
  const call = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    tracing.current() === undefined
      ? work()
      : tracing.span(`docker ${name}`, { kind: 'client' }, work);
  return {
    ...docker,
    ensure: (spec, options) =>
      call('ensure', () => docker.ensure(spec, options)),
    start: (name, seen) => call('start', () => docker.start(name, seen)),
    stop: (name, graceSeconds, seen) =>
      call('stop', () => docker.stop(name, graceSeconds, seen)),
    waitDown: (seen, timeoutMs) =>
      call('wait', () => docker.waitDown(seen, timeoutMs)),
    remove: (name) => call('remove', () => docker.remove(name)),
    removeExact: (id) => call('remove', () => docker.removeExact(id)),
    unpause: (name) => call('unpause', () => docker.unpause(name)),
    rename: (id, name) => call('rename', () => docker.rename(id, name)),
    inspect: (name) => call('inspect', () => docker.inspect(name)),
    find: (id) => call('find', () => docker.find(id)),
    stats: (name) => call('stats', () => docker.stats(name)),
    update: (name, limits) => call('update', () => docker.update(name, limits)),
  };
}
