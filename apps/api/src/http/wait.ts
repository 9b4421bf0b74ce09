import { MAX_WAIT_SECONDS } from '@sandboxed/domain';
import { z } from 'zod';
import type { Request } from 'express';
import { parse } from './body.ts';

const secondsSchema = z.coerce.number().min(0).max(MAX_WAIT_SECONDS);

/** Seconds to hold a call, from `?wait=` or `Prefer: wait=` (RFC 7240); undefined when neither is given. Throws `invalid_request` for a bad `?wait=`; an odd preference is ignored, as the RFC says. */
export function waitSeconds(request: Request): number | undefined {
  const { wait } = request.query;
  if (wait !== undefined) return parse(secondsSchema, wait, 'wait');
  const match = /(?:^|[,;\s])wait=(\d{1,5})(?:$|[,;\s])/.exec(
    request.get('prefer') ?? '',
  );
  return match?.[1] === undefined
    ? undefined
    : Math.min(Number(match[1]), MAX_WAIT_SECONDS);
}
