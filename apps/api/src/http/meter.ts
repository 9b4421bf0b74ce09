import type { QuotaName } from '@sandboxed/domain';

/** A request was counted, or refused and not counted. */
interface Rate {
  readonly isRefused: boolean;
  /** Requests of the last minute, this one included when it was not refused. */
  readonly used: number;
  /** Until the oldest of them is a minute ago, and one more fits. Seconds, at least 1. */
  readonly freeInSeconds: number;
}

/** Counts what calls are made, for each tenant, in this process alone; it begins anew with it. */
export interface Meter {
  /** Counts a request unless the minute holds `limit` of them; null is no limit. */
  request(tenant: string, limit: number | null): Rate;
  /** Counts what stays open until the function that it answers is called; undefined when `limit` are. */
  open(tenant: string, limit: number | null): (() => void) | undefined;
  use(
    tenant: string,
  ): Readonly<Record<'requests_per_minute' | 'streams', number>>;
  /** Calls of all tenants that are open. */
  opened(): number;
  /** A call was refused for a limit. */
  countRefused(name: QuotaName): void;
  /** How often each limit was in the way. */
  refused(): ReadonlyMap<QuotaName, number>;
  /** Tenants that it remembers: those of the last minute, and some more until it is called again. */
  size(): number;
}

const MINUTE_SECONDS = 60;
/** A slot for each second, and one more: the oldest counts until all of it is a minute ago. */
const SLOTS = MINUTE_SECONDS + 1;

interface Tally {
  /** Requests of each second, by its number modulo {@link SLOTS}. */
  readonly slots: Uint32Array;
  /** The newest second. */
  second: number;
  requests: number;
  streams: number;
}

/** `clock` answers milliseconds that only go forward. */
export function createMeter(
  clock: () => number = () => performance.now(),
): Meter {
  // The tenant that was longest silent comes first.
  const tallies = new Map<string, Tally>();
  const refusals = new Map<QuotaName, number>();
  const second = (): number => Math.floor(clock() / 1_000);

  /** Two at a call, so that more go than can come, and no call pays for many. */
  function forgetSilent(): void {
    for (let n = 0; n < 2; n += 1) {
      const [oldest] = tallies;
      if (oldest === undefined) return;
      const [tenant, tally] = oldest;
      advance(tally, second());
      if (tally.requests > 0) return;
      tallies.delete(tenant);
      if (tally.streams > 0) tallies.set(tenant, tally);
    }
  }

  function tallyOf(tenant: string): Tally {
    forgetSilent();
    const tally = tallies.get(tenant) ?? {
      slots: new Uint32Array(SLOTS),
      second: second(),
      requests: 0,
      streams: 0,
    };
    advance(tally, second());
    tallies.delete(tenant);
    tallies.set(tenant, tally);
    return tally;
  }

  return {
    request(tenant, limit) {
      const tally = tallyOf(tenant);
      const isRefused = limit !== null && tally.requests >= limit;
      if (!isRefused) {
        const slot = tally.second % SLOTS;
        tally.slots[slot] = (tally.slots[slot] ?? 0) + 1;
        tally.requests += 1;
      }
      const freeInSeconds = untilOldestGoes(tally);
      return { isRefused, used: tally.requests, freeInSeconds };
    },

    open(tenant, limit) {
      const tally = tallyOf(tenant);
      if (limit !== null && tally.streams >= limit) return undefined;
      tally.streams += 1;
      let isOpen = true;
      return () => {
        if (isOpen) tally.streams -= 1;
        isOpen = false;
      };
    },

    use(tenant) {
      const tally = tallies.get(tenant);
      if (tally === undefined) return { requests_per_minute: 0, streams: 0 };
      advance(tally, second());
      return { requests_per_minute: tally.requests, streams: tally.streams };
    },

    opened: () =>
      [...tallies.values()].reduce((sum, { streams }) => sum + streams, 0),

    countRefused(name) {
      refusals.set(name, (refusals.get(name) ?? 0) + 1);
    },
    refused: () => refusals,
    size: () => tallies.size,
  };
}

/** Forgets the seconds that are a minute ago. */
function advance(tally: Tally, now: number): void {
  const passed = Math.min(now - tally.second, SLOTS);
  for (let n = 1; n <= passed; n += 1) {
    const slot = (tally.second + n) % SLOTS;
    tally.requests -= tally.slots[slot] ?? 0;
    tally.slots[slot] = 0;
  }
  tally.second = Math.max(tally.second, now);
}

function untilOldestGoes({ slots, second }: Tally): number {
  for (let n = 1; n <= SLOTS; n += 1)
    if ((slots[(second + n) % SLOTS] ?? 0) > 0) return n;
  return MINUTE_SECONDS;
}
