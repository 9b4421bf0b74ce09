import type { Subnets } from './driver.ts';

/** As often as a worker that reconciles alone looks. Where several share the rounds, one of them may have none for long. Milliseconds. */
const KEPT_MS = 10_000;

/** The sandbox networks as they were last seen. */
export interface SeenNetworks {
  /** Looks now. */
  look(): Promise<Subnets>;
  /** What a look of the last 10 s saw or sees; looks when there was none. */
  last(): Promise<Subnets>;
  /** They may not be so any more. */
  forget(): void;
}

/** `look` makes what is missing. `now` in ms, by a clock that nobody sets. */
export function createSeenNetworks(
  look: () => Promise<Subnets>,
  now: () => number = () => performance.now(),
): SeenNetworks {
  let seen:
    { readonly at: number; readonly subnets: Promise<Subnets> } | undefined;

  function forget(): void {
    seen = undefined;
  }

  function lookNow(): Promise<Subnets> {
    const subnets = look();
    seen = { at: now(), subnets };
    subnets.catch(forget);
    return subnets;
  }

  return {
    look: lookNow,
    last: () =>
      seen !== undefined && now() - seen.at <= KEPT_MS
        ? seen.subnets
        : lookNow(),
    forget,
  };
}
