import type { KeySpec } from '@sandboxed/sdk';

/** What a key may be allowed. */
export type Scope = KeySpec['scopes'][number];

/** The API's scopes, the smallest first, and what each allows. */
export const SCOPES = [
  { scope: 'read', tells: 'looks at sandboxes, files, jobs and logs' },
  { scope: 'write', tells: 'makes and changes them, too; no keys' },
  { scope: 'admin', tells: 'everything, of all tenants, keys too' },
  { scope: 'metrics', tells: 'reads the figures of /metrics' },
] as const satisfies readonly {
  readonly scope: Scope;
  readonly tells: string;
}[];

const INCLUDED = {
  metrics: [],
  read: [],
  write: ['read'],
  admin: ['read', 'write', 'metrics'],
} as const satisfies Record<Scope, readonly Scope[]>;

/** Which of the chosen scopes allows all that another one does; undefined if that is not allowed yet. */
export function includerOf(
  scope: Scope,
  chosen: readonly Scope[],
): Scope | undefined {
  return chosen.find((one) => {
    const included: readonly Scope[] = INCLUDED[one];
    return included.includes(scope);
  });
}

/** The chosen scopes without those that others of them include. */
export function leastOf(chosen: readonly Scope[]): readonly Scope[] {
  return chosen.filter((scope) => includerOf(scope, chosen) === undefined);
}
