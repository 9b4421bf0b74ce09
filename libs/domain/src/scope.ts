/** What a caller may do: look; change its own tenant's things; see and change everything. Each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A scope and all that it includes. */
export function scopesUpTo(highest: Scope): ReadonlySet<Scope> {
  return new Set(SCOPES.slice(0, SCOPES.indexOf(highest) + 1));
}
