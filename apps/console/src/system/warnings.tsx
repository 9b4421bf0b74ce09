import type { System } from './use-system.ts';

/** What the doctor found, the worst first, and what to do. */
export function Warnings({
  warnings,
}: {
  readonly warnings: System['warnings'];
}) {
  if (warnings.length === 0)
    return <p className="note good">The doctor found nothing wrong.</p>;
  return (
    <ul className="plain warnings" aria-label="Warnings">
      {warnings.map(({ code, severity, message, advice }, index) => (
        <li key={`${code}-${index}`} className="card" data-severity={severity}>
          <strong>{severity}</strong> <code>{code}</code>
          <p>{message}</p>
          <p className="faint">{advice}</p>
        </li>
      ))}
    </ul>
  );
}
