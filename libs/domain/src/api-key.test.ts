import {
  createKeyRequestSchema,
  isUseDue,
  KEY_USE_MS,
  keyStatus,
} from './api-key.ts';
import { SCOPES, scopesUpTo } from './scope.ts';

it('takes a key for over from the millisecond of its end on, and a revoked one for revoked whatever its term', () => {
  const key = { revoked_at: null, expires_at: 1_000 };
  expect([999, 1_000, 1_001].map((now) => keyStatus(key, now))).toEqual([
    'active',
    'expired',
    'expired',
  ]);
  expect(keyStatus({ ...key, expires_at: null }, 1e15)).toBe('active');
  expect(keyStatus({ revoked_at: 1, expires_at: null }, 0)).toBe('revoked');
});

it('notes a use at most once a minute, and again after the clock was set back', () => {
  expect(isUseDue(null, 5)).toBe(true);
  expect(isUseDue(1_000, 1_000 + KEY_USE_MS - 1)).toBe(false);
  expect(isUseDue(1_000, 1_000 + KEY_USE_MS)).toBe(true);
  expect(isUseDue(1_000, 999)).toBe(true);
});

it('includes in each scope what it needs and no more: figures of all are no part of `read`', () => {
  expect(SCOPES.map((scope) => [...scopesUpTo(scope)].sort())).toEqual([
    ['metrics'],
    ['read'],
    ['read', 'write'],
    ['admin', 'metrics', 'read', 'write'],
  ]);
  expect(scopesUpTo('metrics', 'write').has('read')).toBe(true);
  expect(scopesUpTo().size).toBe(0);
});

it.each([
  [{ name: 'ci', scopes: [] }, 'scopes'],
  [{ name: 'ci', scopes: ['root'] }, 'scopes'],
  [{ name: '', scopes: ['read'] }, 'name'],
  [{ name: 'a\u0007', scopes: ['read'] }, 'name'],
  [{ name: 'ci', scopes: ['read'], tenant: 'a/b' }, 'tenant'],
  [{ name: 'ci', scopes: ['read'], expires_in_seconds: 0 }, 'expires_in'],
  [{ name: 'ci', scopes: ['read'], expires_in_seconds: 1e12 }, 'expires_in'],
  [{ name: 'ci', scopes: ['read'], secret: 'of mine' }, 'secret'],
])('refuses to make a key of %j', (body, field) => {
  const { error } = createKeyRequestSchema.safeParse(body);
  expect(JSON.stringify(error?.issues)).toContain(field);
});
