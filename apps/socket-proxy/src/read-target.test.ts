import { Refusal } from './call.ts';
import { readTarget } from './read-target.ts';

test('an address is taken apart', () => {
  expect(readTarget('/v1.45/containers/json?all=1&filters=%7B%7D')).toEqual({
    version: '/v1.45',
    path: '/containers/json',
    query: { all: '1', filters: '{}' },
  });
  expect(readTarget('/networks/create?')).toEqual({
    version: '',
    path: '/networks/create',
    query: {},
  });
});

test.each([
  ['a host', 'http://docker/containers/json'],
  ['a host without a scheme', '//docker/containers/json'],
  ['no slash', 'containers/json'],
  ['every path', '*'],
  ['an empty segment', '/containers//json'],
  ['an escaped slash', '/containers/x%2f..%2fexec/json'],
  ['an escaped letter', '/contain%65rs/json'],
  ['an escaped NUL', '/containers/x%00/json'],
  ['dots', '/containers/x/../../exec'],
  ['a dot', '/containers/./json'],
  ['a backslash', '/containers\\json'],
  ['a semicolon', '/containers;/json'],
  ['a line end', '/containers/json\r\nX: y'],
  ['a fragment', '/containers/json#?all=1'],
  ['a slash at the end', '/containers/json/'],
  ['a path that is a version', '/v1.45'],
  ['two versions', '/v1.45/v1.45/info'],
  ['a parameter twice', '/containers/json?all=1&all=0'],
  ['a parameter twice by escapes', '/containers/json?all=1&%61ll=0'],
  ['more than anybody needs', `/containers/json?x=${'y'.repeat(5_000)}`],
])('an address with %s is refused', (_what, target) => {
  let read: unknown;
  try {
    read = readTarget(target);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return;
  }
  // What is left are segments that no rule knows.
  expect(read).toMatchObject({ path: expect.stringMatching(/^\/v1\.45/) });
});
