import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SandboxId } from '@sandboxed/domain';

/** A link opens a preview once more each time; a session is what a browser has after that. Neither stands in for the other. */
export type PassKind = 'link' | 'session';

/** What a pass opens: one port of one sandbox, until the generation of its passes is raised. */
export interface PassSubject {
  readonly id: SandboxId;
  readonly port: number;
  readonly generation: number;
}

/** Signs and reads the passes of private previews. */
export interface Passes {
  /** `until` in unix seconds. The pass holds the time and a signature, and needs no escaping in a URL or a cookie. */
  sign(kind: PassKind, subject: PassSubject, until: number): string;
  /** When the pass ends, in unix seconds; undefined when it is over at `now` (ms) or not one of ours for this. */
  read(
    kind: PassKind,
    subject: PassSubject,
    pass: string,
    now: number,
  ): number | undefined;
}

const PASS = /^([1-9]\d{0,10})\.([A-Za-z0-9_-]{43})$/;

/** By HMAC-SHA256 under a key of their own, made from the installation's `secret` as it is now. Another secret voids every pass. */
export function createPasses(secret: () => Uint8Array): Passes {
  let from: Uint8Array | undefined;
  let derived = Buffer.alloc(0);

  function key(): Buffer {
    const now = secret();
    if (now !== from)
      derived = Buffer.from(
        hkdfSync('sha256', now, '', 'sandboxed preview pass v1', 32),
      );
    from = now;
    return derived;
  }

  const signature = (
    kind: PassKind,
    { id, port, generation }: PassSubject,
    until: number,
  ): string =>
    createHmac('sha256', key())
      .update(JSON.stringify([kind, id, port, generation, until]))
      .digest('base64url');

  return {
    sign: (kind, subject, until) =>
      `${until}.${signature(kind, subject, until)}`,
    read(kind, subject, pass, now) {
      const [, digits, given] = PASS.exec(pass) ?? [];
      if (digits === undefined || given === undefined) return undefined;
      const until = Number(digits);
      const right = signature(kind, subject, until);
      const isOurs = timingSafeEqual(Buffer.from(given), Buffer.from(right));
      return isOurs && until * 1_000 > now ? until : undefined;
    },
  };
}
