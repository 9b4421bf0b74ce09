import { ConnectionError, LimitError, SandboxedError } from '@sandboxed/sdk';
import { usageProblem } from './problem.ts';
import { reportOf, reportText } from './report.ts';

it('is one line of what happened and one of what to do', () => {
  const error = new SandboxedError('No such sandbox.', {
    code: 'sandbox_not_found',
    status: 404,
  });
  expect(reportText(reportOf(error), false)).toBe(
    "Error: No such sandbox.\nWhat to do: 'sandboxed ls' shows those that exist.\n",
  );
});

it('is one JSON document, with the code and the request', () => {
  const error = new SandboxedError('No.', { code: 'busy', requestId: 'R1' });
  const text = reportText(reportOf(error), true);
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    error: {
      code: 'busy',
      message: 'No.',
      advice: expect.any(String),
      request_id: 'R1',
    },
  });
});

it('tells which fields and which quota, and when to try again', () => {
  const report = reportOf(
    new LimitError('Too many.', {
      code: 'quota_exceeded',
      fields: [{ path: '/ports/0', message: 'is wrong' }],
      quota: { name: 'sandboxes', used: 3, limit: 3 },
      retryAfterSeconds: 7,
    }),
  );
  expect(report.message).toBe(
    'Too many.; /ports/0: is wrong; quota sandboxes: 3 of 3 used',
  );
  expect(report.advice).toContain('7 seconds');
});

it('tells why a connection failed, however far below that is known', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
  });
  const cause = new TypeError('fetch failed', { cause: refused });
  const error = new ConnectionError(
    'Not answered',
    { code: 'connection_failed' },
    { cause },
  );
  expect(reportOf(error).message).toBe('Not answered; ECONNREFUSED');
});

it('wrong use ends with 2, and everything else with 1', () => {
  expect(reportOf(usageProblem('a', 'b')).exitCode).toBe(2);
  expect(reportOf(new SandboxedError('a', { code: 'busy' })).exitCode).toBe(1);
  expect(reportOf(new Error('a')).exitCode).toBe(1);
});

it('hands no control characters of others to a terminal', () => {
  const error = new SandboxedError('a\x1b[31mb\nc', { code: 'internal' });
  expect(reportText(reportOf(error), false)).toMatch(
    /^Error: a\ufffd\[31mb\ufffdc\nWhat to do: /,
  );
});
