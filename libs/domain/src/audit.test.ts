import { auditTargetKind, auditText } from './audit.ts';

it.each([
  ['/v1/sandboxes/{id}/exec', 'sandbox'],
  ['/v1/sandboxes', 'sandbox'],
  ['/v1/jobs/{id}/cancel', 'job'],
  ['/v1/keys/{id}', 'key'],
  ['/metrics', 'metric'],
])('names the kind of what %s is about', (path, kind) => {
  expect(auditTargetKind(path)).toBe(kind);
});

it('cuts what a caller sent', () => {
  expect(auditText('x'.repeat(100_000))).toHaveLength(256);
});
