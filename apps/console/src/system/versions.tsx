import type { System } from './use-system.ts';

/** What it all runs on; only the first is told to everybody. */
export function Versions({ system }: { readonly system: System }) {
  const rows = [
    ['sandboxed', system.version],
    ['Node', system.node],
    ['Docker', system.docker],
    ['runc', system.runc],
    ['kernel', system.kernel],
  ].filter(([, version]) => version !== undefined && version !== null);
  return (
    <section className="card">
      <h2>Versions</h2>
      <dl className="versions">
        {rows.map(([name, version]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="break">{version}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href="/docs">API</a> · <a href="/llms.txt">runbook for agents</a>
      </p>
    </section>
  );
}
