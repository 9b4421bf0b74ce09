import { Share } from '../ui/share.tsx';
import type { System } from './use-system.ts';

/** What waits, and what is there. */
export function Queues({
  system: { queues, sandboxes = {}, jobs = {} },
}: {
  readonly system: System;
}) {
  return (
    <section className="card">
      <h2>Queues</h2>
      {queues === null && (
        <p className="problem">
          Redis does not answer: look at its container. Jobs are kept and go on
          once it does.
        </p>
      )}
      {Object.entries(queues ?? {}).map(([name, { waiting, active }]) => (
        <Share
          key={name}
          name={name}
          told={`${active} at work, ${waiting} waiting`}
          part={undefined}
        />
      ))}
      <Counts title="Sandboxes" counts={sandboxes} />
      <Counts title="Jobs that are kept" counts={jobs} />
    </section>
  );
}

function Counts({
  title,
  counts,
}: {
  readonly title: string;
  readonly counts: Readonly<Record<string, number>>;
}) {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <>
      <h3>{title}</h3>
      {some.length === 0 && <p className="faint">none</p>}
      {some.map(([name, count]) => (
        <Share key={name} name={name} told={String(count)} part={undefined} />
      ))}
    </>
  );
}
