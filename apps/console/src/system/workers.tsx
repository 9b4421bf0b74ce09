import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import type { System } from './use-system.ts';

/** Who does the work. */
export function Workers({
  workers,
}: {
  readonly workers: NonNullable<System['workers']>;
}) {
  return (
    <section className="card">
      <h2>Workers</h2>
      {workers.length === 0 && (
        <p className="problem">
          There is none: jobs wait. Look at the workers&apos; containers and
          their logs.
        </p>
      )}
      <ul className="plain">
        {workers.map(({ id, seen_at, docker_ok }) => (
          <li key={id}>
            <span className="break">{id}</span>{' '}
            <Status value={docker_ok ? 'ready' : 'error'} />{' '}
            <span className="faint">
              {!docker_ok && 'does not reach Docker, '}heard{' '}
              <TimeAgo at={seen_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
