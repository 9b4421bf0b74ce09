import { LimitError, NotFoundError, SandboxedError } from '@sandboxed/sdk';
import { advise } from './advice.ts';

it('says what happened, its code, and what to do', () => {
  expect(
    advise(
      new NotFoundError('There is no sandbox x.', {
        code: 'sandbox_not_found',
      }),
    ),
  ).toBe(
    'There is no sandbox x. (sandbox_not_found)\nCall list_sandboxes for those that exist.',
  );
});

it('names the limit in the way, the fields that are wrong, and when to try again', () => {
  const text = advise(
    new LimitError('Too many.', {
      code: 'quota_exceeded',
      quota: { name: 'sandboxes', used: 3, limit: 3 },
      fields: [{ path: '/ports/0', message: 'too big' }],
      retryAfterSeconds: 7,
    }),
  );
  expect(text).toContain('Quota sandboxes: 3 of 3 used.');
  expect(text).toContain('- /ports/0: too big');
  expect(text).toContain('Try again in 7 seconds.');
});

it('knows of codes that it does not know whether they pass', () => {
  const of = (retryable: boolean) =>
    advise(new SandboxedError('Odd.', { code: 'a_new_one', retryable }));
  expect(of(true)).toContain('try again in a moment');
  expect(of(false)).toContain('will not help');
  expect(advise(new Error('boom'))).toBe('Unexpected: boom');
});
