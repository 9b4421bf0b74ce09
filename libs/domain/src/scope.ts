/**
 * What a caller may do: read the figures of all at `/metrics` and no more, for scrapers; look; change its own tenant's things; see
 * and change everything.
 */
export const SCOPES = ['metrics', 'read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const INCLUDED = {
  metrics: ['metrics'],
  read: ['read'],
  write: ['read', 'write'],
  admin: SCOPES,
} as const satisfies Record<Scope, readonly Scope[]>;

/** Scopes and all that they include. */
export function scopesUpTo(...highest: readonly Scope[]): ReadonlySet<Scope> {
  return new Set(highest.flatMap((scope): readonly Scope[] => INCLUDED[scope]));
}
