import fc from 'fast-check';
import { deliveryPauseMs, MAX_DELIVERY_ATTEMPTS } from './webhook-retry.ts';
import { webhookMessages } from './webhook-message.ts';
import { webhookUrlSchema } from './webhook.ts';
import type { EventRecord } from './event.ts';

const accepts = (url: string): boolean =>
  webhookUrlSchema.safeParse(url).success;

it.each([
  'https://example.org/hook?a=b',
  'http://example.org:80/',
  'https://example.org:443',
  'https://10.0.0.1:8443/x',
  'https://[2001:db8::1]/',
])('takes %s', (url) => {
  expect(accepts(url)).toBe(true);
});

it.each([
  'ftp://example.org',
  'file:///etc/passwd',
  'https://user:secret@example.org',
  'https://user@example.org',
  'https://example.org/#part',
  'http://example.org:22/',
  'https://example.org:25',
  'https://example.org:1023',
  'example.org',
  '',
])('refuses %s', (url) => {
  expect(accepts(url)).toBe(false);
});

it('refuses one that is too long', () => {
  expect(accepts(`https://example.org/${'a'.repeat(2_048)}`)).toBe(false);
});

it('tries again over about three days, each time later, and then no more', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (jitter) => {
      const pauses: number[] = [];
      for (let attempt = 1; ; attempt += 1) {
        const pause = deliveryPauseMs(attempt, jitter);
        if (pause === undefined) break;
        pauses.push(pause);
      }
      expect(pauses).toHaveLength(MAX_DELIVERY_ATTEMPTS - 1);
      expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
      const days = pauses.reduce((sum, each) => sum + each, 0) / 86_400_000;
      expect(days).toBeGreaterThan(2.5);
      expect(days).toBeLessThan(4);
    }),
  );
});

const event = (type: 'state' | 'job', data: object): EventRecord => ({
  seq: 7,
  sandbox_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  job_id: type === 'job' ? '01ARZ3NDEKTSV4RRFFQ69G5FAW' : null,
  type,
  data: { ...data },
  at: 1,
});
const state = (from: string | null, to: string) =>
  event('state', { from, to, reason: 'r', actor: 'a' });
const job = (kind: string, status: string) =>
  event('job', { kind, status, requested_by: 'api:ann' });
const typesOf = (record: EventRecord) =>
  webhookMessages(record, undefined).map(({ type }) => type);

it.each([
  [state(null, 'creating'), ['sandbox.created']],
  [state('creating', 'running'), ['sandbox.started']],
  [state('running', 'running'), []],
  [state('running', 'stopping'), []],
  [state('stopping', 'stopped'), ['sandbox.stopped']],
  [state('starting', 'error'), ['sandbox.failed']],
  [state('deleting', 'deleted'), ['sandbox.deleted']],
  [job('task', 'running'), []],
  [job('task', 'cancelled'), ['task.finished']],
  [job('task', 'failed'), ['task.finished', 'job.failed']],
  [job('exec', 'succeeded'), []],
  [job('exec', 'failed'), ['job.failed']],
  [job('service', 'succeeded'), ['service.changed']],
] as const)('tells of %j as %j', (record, types) => {
  expect(typesOf(record)).toEqual(types);
});
