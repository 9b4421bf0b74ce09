import { classify } from './classify.ts';
import { errorWords } from './error-words.ts';

const WHO = { title: 'The program', key: 'ITS_KEY' };

const of = (error: unknown) => classify(WHO, errorWords(error));

describe('a failure', () => {
  it.each([
    ['a plain text', 'invalid api key'],
    ['a message', { message: 'invalid api key' }],
    ['data', { name: 'APIError', data: { message: 'invalid api key' } }],
    ['an error in an error', { error: { error: 'invalid api key' } }],
  ])('is understood when it comes as %s', (_, error) => {
    expect(of(error)).toMatchObject({
      reason: 'provider_auth',
      message: expect.stringContaining('invalid api key'),
    });
  });

  it.each([
    ['Your credit balance is too low to access the API', 'provider_quota'],
    ["You've hit your usage limit. Try again on Monday", 'provider_quota'],
    [{ statusCode: 402, message: 'no' }, 'provider_quota'],
    [{ statusCode: 403, message: 'no' }, 'provider_auth'],
    [{ statusCode: 403, message: 'check your billing' }, 'provider_quota'],
    [
      { statusCode: 429, data: { error: { code: 'insufficient_quota' } } },
      'provider_quota',
    ],
    ['unexpected status 401 Unauthorized: no', 'provider_auth'],
    ['API Error: 500 internal', 'provider_error'],
    [{ statusCode: 400, message: 'prompt is too long' }, 'provider_error'],
    ['connect ECONNREFUSED 10.0.0.1:443', 'provider_error'],
    ['EROFS: read-only file system', 'agent_error'],
    [{}, 'agent_error'],
    [undefined, 'agent_error'],
  ])('in %j is %s', (error, reason) => {
    const failure = of(error);
    expect(failure.reason).toBe(reason);
    expect(failure.permanent).toBe(
      reason === 'provider_auth' || reason === 'provider_quota',
    );
  });

  it('of a mere rate limit is no lack of quota, though it links to the billing page', () => {
    expect(
      of({
        statusCode: 429,
        message:
          'Rate limit reached for requests. Add a payment method at https://example.org/account/billing to raise it.',
      }),
    ).toMatchObject({ reason: 'provider_error', permanent: false });
  });

  it('is bounded and never throws, however deep', () => {
    let deep: unknown = 'x'.repeat(100_000);
    for (let level = 0; level < 100; level += 1) deep = { error: deep };
    expect(of(deep).reason).toBe('agent_error');
    expect(of('x'.repeat(100_000)).message.length).toBeLessThan(5_000);
  });
});
