import type { Scope } from '@sandboxed/domain';
import { scopesUpTo } from '@sandboxed/domain';
import { assertScope, sees } from './access.ts';
import { scopeOf } from './route.ts';

const LADDER = ['read', 'write', 'admin'] as const;

const caller = (scope: Scope) => ({
  actor: 'api:ann',
  tenant: 'ann',
  scopes: scopesUpTo(scope),
});

it('lets each scope do what those below it may, and names the one that is missing', () => {
  for (const [at, has] of LADDER.entries())
    for (const [needed, scope] of LADDER.entries()) {
      const ask = (): void => {
        assertScope(caller(has), scope);
      };
      if (needed <= at) expect(ask).not.toThrow();
      else expect(ask).toThrow(`needs the scope "${scope}"`);
    }
});

it('lets an admin alone see what is of another tenant', () => {
  const owners = ['ann', 'ben'];
  expect(owners.filter((owner) => sees(caller('write'), owner))).toEqual([
    'ann',
  ]);
  expect(owners.filter((owner) => sees(caller('admin'), owner))).toEqual(
    owners,
  );
});

it('asks for `read` to look and `write` to change, unless a route says otherwise', () => {
  const made = { paths: [], summary: '', statuses: [], handle: jest.fn() };
  expect(scopeOf({ ...made, method: 'get' })).toBe('read');
  for (const method of ['post', 'put', 'patch', 'delete'] as const)
    expect(scopeOf({ ...made, method })).toBe('write');
  expect(scopeOf({ ...made, method: 'get', scope: 'admin' })).toBe('admin');
});
