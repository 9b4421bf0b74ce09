import { Share } from '../ui/share.tsx';
import { sizeOfMb } from '../ui/size.ts';
import type { System } from './use-system.ts';

/** What the host has left. */
export function Capacity({
  system: { capacity, disk, warm_pool: pool },
}: {
  readonly system: System;
}) {
  return (
    <section className="card">
      <h2>Capacity</h2>
      {capacity !== undefined && (
        <>
          <Share
            name="Memory in use"
            told={`${sizeOfMb(capacity.memory_total_mb - capacity.memory_free_mb)} of ${sizeOfMb(capacity.memory_total_mb)}`}
            part={1 - capacity.memory_free_mb / capacity.memory_total_mb}
            isHigh={capacity.memory_band !== 'normal'}
          />
          {capacity.memory_band !== 'normal' && (
            <p className="problem">
              Memory is short ({capacity.memory_band}): idle sandboxes are
              stopped to make room.
            </p>
          )}
          <Share
            name="Starts that wait for memory"
            told={String(capacity.starts_waiting)}
            part={undefined}
          />
        </>
      )}
      {disk !== undefined && (
        <>
          <Share
            name="Disk in use"
            told={`${sizeOfMb(disk.total_mb - disk.free_mb)} of ${sizeOfMb(disk.total_mb)}`}
            part={1 - disk.free_mb / disk.total_mb}
            isHigh={disk.is_short}
          />
          <Share
            name="All workspaces"
            told={sizeOfMb(disk.workspaces_mb)}
            part={undefined}
          />
        </>
      )}
      {pool !== undefined && pool.wanted > 0 && (
        <Share
          name="Warm pool"
          told={`${pool.ready} of ${pool.wanted} ready, ${pool.hits} taken`}
          part={pool.ready / pool.wanted}
        />
      )}
    </section>
  );
}
