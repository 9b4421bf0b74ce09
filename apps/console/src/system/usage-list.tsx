import { Share } from '../ui/share.tsx';
import { sizeOfMb } from '../ui/size.ts';
import type { Usage } from './use-system.ts';

/** What a tenant has of what it may have. */
export function UsageList({ tenant, usage }: Usage) {
  return (
    <section className="card">
      <h2 className="break">Use of {tenant}</h2>
      {Object.entries(usage).map(([name, { used, limit }]) => {
        const told = (value: number) =>
          name.endsWith('_mb') ? sizeOfMb(value) : String(value);
        return (
          <Share
            key={name}
            name={name.replace(/_mb$/, '').replaceAll('_', ' ')}
            told={
              limit === null
                ? `${told(used)}, no limit`
                : `${told(used)} of ${told(limit)}`
            }
            part={limit === null ? undefined : used / Math.max(limit, 1)}
            isHigh={limit !== null && used >= limit}
          />
        );
      })}
    </section>
  );
}
