import { clip, eventPath, titleOf } from './bounds.ts';

describe('the path of an event', () => {
  it.each([
    ['/home/sandbox/workspace/app/src/a.ts', 'src/a.ts'],
    [
      '/home/sandbox/workspace/app-two/a.ts',
      '/home/sandbox/workspace/app-two/a.ts',
    ],
    [
      '/home/sandbox/workspace/app/../secret',
      '/home/sandbox/workspace/app/../secret',
    ],
    ['a.ts', 'a.ts'],
    ['/etc/hosts', '/etc/hosts'],
  ])('of %s is %s', (path, expected) => {
    expect(eventPath(path)).toBe(expected);
  });
});

describe('a title', () => {
  it('is one line of at most 500 characters', () => {
    expect(titleOf(' a\n\tb ')).toBe('a b');
    expect(titleOf('x'.repeat(9_000))).toHaveLength(500);
  });
});

describe('a text that is cut', () => {
  it('holds no half character', () => {
    expect(clip('a😀', 2)).toBe('a\uFFFD');
    expect(clip('a😀', 3)).toBe('a😀');
  });
});
