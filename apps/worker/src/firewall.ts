import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@sandboxed/domain';
import { ignoreMissing } from './ignore-missing.ts';

/** It vouches every second. */
const FRESH_SECONDS = 5;
/** A firewall that is started again takes about 2 s. */
const WAIT_MS = 15_000;
const LOOK_MS = 200;

/** What `firewall/firewall.sh` says of the rules that lock sandboxes in. */
export interface Firewall {
  /** Resolves once it vouches that they stand. Throws `firewall_down` when it has not within 15 s, and as `signal` is aborted. */
  stands(signal: AbortSignal): Promise<void>;
}

/**
 * Reads the vouching in `file`: the host's uptime in seconds when the rules were last seen. Not a time of day, which may be set
 * back, and nothing that a boot leaves valid. With an empty `file` nobody is asked.
 */
export function createFirewall(options: {
  readonly file: string;
  /** In the form of /proc/uptime. */
  readonly uptimeFile?: string;
  readonly waitMs?: number;
}): Firewall {
  const { file, uptimeFile = '/proc/uptime', waitMs = WAIT_MS } = options;
  const isVouched = async (): Promise<boolean> => {
    const vouched = await readFile(file, 'utf8').catch(ignoreMissing);
    if (vouched === undefined) return false;
    const age = seconds(await readFile(uptimeFile, 'utf8')) - seconds(vouched);
    return age >= 0 && age <= FRESH_SECONDS;
  };
  return {
    async stands(signal) {
      if (file === '') return;
      const deadline = performance.now() + waitMs;
      while (!(await isVouched())) {
        if (performance.now() > deadline)
          throw new DomainError(
            'firewall_down',
            'No sandbox is started while nothing vouches for the rules that lock it in. `docker compose logs firewall` says why; start the sandbox again once it is healthy.',
          );
        await pause(LOOK_MS, undefined, { signal });
      }
    },
  };
}

/** The first number of a file such as /proc/uptime; NaN for none, as while it is written. */
function seconds(text: string): number {
  return Number.parseFloat(text);
}
