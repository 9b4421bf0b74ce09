import { Problem } from './problem.ts';
import { readArguments } from './read-arguments.ts';

describe('arguments', () => {
  it('name a command and a directory, which becomes absolute', () => {
    expect(readArguments(['backup', 'monday'], '/srv')).toEqual({
      name: 'backup',
      directory: '/srv/monday',
    });
    expect(readArguments(['restore', '/mnt/monday/'], '/srv')).toEqual({
      name: 'restore',
      directory: '/mnt/monday',
    });
  });

  it('name the doctor, for a person or a program', () => {
    expect(readArguments(['doctor'], '/')).toEqual({
      name: 'doctor',
      json: false,
    });
    expect(readArguments(['doctor', '--json'], '/')).toEqual({
      name: 'doctor',
      json: true,
    });
  });

  it('name the change of the key', () => {
    expect(readArguments(['rotate-key'], '/')).toEqual({ name: 'rotate-key' });
  });

  it('may ask for help', () => {
    expect(readArguments(['--help'], '/')).toEqual({ name: 'help' });
  });

  it.each([
    [[], /A command is missing/],
    [['bakcup', 'x'], /no command 'bakcup'/],
    [['backup'], /needs the directory/],
    [['backup', ''], /needs the directory/],
    [['backup', 'a', 'b'], /'b' is too much/],
    [['backup', '--force', 'a'], /--force/],
    [['backup', '--json', 'a'], /no --json/],
    [['doctor', 'a'], /takes no 'a'/],
    [['rotate-key', 'a'], /takes no 'a'/],
    [['rotate-key', '--json'], /takes no '--json'/],
  ])('that mean nothing are refused with what is wrong: %j', (args, words) => {
    const read = () => readArguments(args, '/');
    expect(read).toThrow(Problem);
    expect(read).toThrow(words);
  });
});
