import { DomainError } from '@sandboxed/domain';
import { parseJson } from './body.ts';

/** What is answered to this body; `undefined` when it is read. */
function refusal(body: string): string | undefined {
  try {
    parseJson(Buffer.from(body));
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.cause).toBeUndefined();
    return error.message;
  }
}

it.each([
  'secret-value',
  '{"env":{"KEY":"secret-value"}',
  '{"env":{"KEY":secret-value}}',
  '{"env":{"KEY":"secret-value\n"}}',
  `{"env":{"KEY":"${'x'.repeat(1_000)}secret-value"}}}`,
  '{"env":{"KEY":"secret-value\\q"}}',
])('says that a body is not JSON without a word of it: %j', (body) => {
  const said = refusal(body);
  expect(said).toMatch(/^The body is not valid JSON( at position \d+)?\.$/);
});

it('says where a body stops being JSON', () => {
  expect(refusal('{"a":1,}')).toBe('The body is not valid JSON at position 7.');
});
