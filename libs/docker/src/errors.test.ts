import { DomainError } from '@sandboxed/domain';
import { isRefusal, translateError } from './errors.ts';

const translate = (error: unknown): DomainError =>
  translateError(error, 'list containers', '/engine.sock');

test('a refusal keeps the status and the words of the Engine', () => {
  const error = translate({
    statusCode: 409,
    message: '(HTTP code 409) unexpected - x',
    json: { message: 'the name is\n taken' },
  });
  expect(isRefusal(error, 404, 409)).toBe(true);
  expect(isRefusal(error, 404)).toBe(false);
  expect(error).toMatchObject({
    code: 'docker_unavailable',
    message: 'The Docker Engine could not list containers: the name is taken',
  });
});

test('a refusal of a stream loses what dockerode puts before it', () => {
  const error = translate({
    statusCode: 500,
    message: '(HTTP code 500) server error - no such host ',
    json: null,
  });
  expect(error).toMatchObject({ words: 'no such host' });
});

test('a socket that nobody serves says which one and what to do', () => {
  const error = translate(
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  );
  expect(error.code).toBe('docker_unavailable');
  expect(error.message).toContain('/engine.sock (ECONNREFUSED)');
});

test('long words are cut', () => {
  const error = translate({
    statusCode: 500,
    message: '',
    json: { message: 'x'.repeat(10_000) },
  });
  expect(error.message.length).toBeLessThan(700);
});

test('an error of ours stays as it is', () => {
  const error = new DomainError('timed_out', 'too late');
  expect(translate(error)).toBe(error);
});
