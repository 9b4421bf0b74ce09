import { includerOf, leastOf } from './scopes.ts';

it('knows which scope allows what another one does', () => {
  expect(includerOf('read', ['metrics', 'write'])).toBe('write');
  expect(includerOf('metrics', ['write', 'admin'])).toBe('admin');
  expect(includerOf('write', ['read', 'write'])).toBeUndefined();
});

it('asks for no more scopes than it takes', () => {
  expect(leastOf(['read', 'write', 'metrics'])).toEqual(['write', 'metrics']);
  expect(leastOf(['read', 'write', 'admin', 'metrics'])).toEqual(['admin']);
});
