import { thrown } from '../../test/thrown.ts';
import { readPlace } from './place.ts';

const APP = '/home/sandbox/workspace/app';

it.each([
  ['box:', '', true, false],
  ['box:/home/sandbox/workspace/app', '', false, false],
  ['box:a', 'a', false, false],
  ['box:a/', 'a', true, false],
  ['box:a/.', 'a', true, true],
  ['box:.', '', true, true],
  ['box:./a//b', 'a/b', false, false],
  ['box:a/../b', 'b', false, false],
  [`box:${APP}/a/b`, 'a/b', false, false],
  ['box:~/workspace/app/a', 'a', false, false],
  ['box:a:b', 'a:b', false, false],
])('%s is %j in a sandbox', (text, path, isDirectory, isContents) => {
  expect(readPlace(text)).toEqual({
    kind: 'sandbox',
    sandbox: 'box',
    path,
    isDirectory,
    isContents,
  });
});

it.each(['a', './a:b', '/a:b', 'a/b:c', ':a', '.'])(
  '%s is a path here',
  (path) => {
    expect(readPlace(path)).toEqual({ kind: 'here', path });
  },
);

it('- is a stream', () => {
  expect(readPlace('-')).toEqual({ kind: 'stream' });
});

it.each([
  'box:/etc/passwd',
  'box:..',
  'box:a/../../b',
  'box:~',
  'box:~/x',
  `box:${APP}x`,
  `box:${APP}/../x`,
])('%s is out of reach', (text) => {
  expect(thrown(() => readPlace(text))).toMatchObject({ exitCode: 2 });
});
