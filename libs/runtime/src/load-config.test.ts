import { z } from 'zod';
import { ConfigError, loadConfig } from './load-config.ts';

const schema = z.object({
  SANDBOXED_PORT: z.coerce.number().int().default(9090),
  SANDBOXED_NAME: z.string().min(3).default('abc'),
});

describe('settings', () => {
  it('have defaults, also where a variable is set to nothing', () => {
    expect(loadConfig(schema, { SANDBOXED_PORT: '' }).config).toEqual({
      SANDBOXED_PORT: 9090,
      SANDBOXED_NAME: 'abc',
    });
  });

  it('that are wrong are reported all together', () => {
    const load = () =>
      loadConfig(schema, { SANDBOXED_PORT: 'x', SANDBOXED_NAME: 'a' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/SANDBOXED_PORT[^]*SANDBOXED_NAME/);
  });

  it('that nobody knows are named', () => {
    expect(
      loadConfig(schema, { SANDBOXED_PROT: '1', HOME: '/root' }).unknown,
    ).toEqual(['SANDBOXED_PROT']);
  });

  it('can be read from a file, and a missing file is a problem', () => {
    expect(() =>
      loadConfig(schema, { SANDBOXED_NAME_FILE: '/does/not/exist' }),
    ).toThrow(/SANDBOXED_NAME_FILE/);
    expect(
      loadConfig(schema, { SANDBOXED_NAME_FILE: '/proc/sys/kernel/ostype' })
        .config.SANDBOXED_NAME,
    ).toBe('Linux');
  });

  it('are not defaults because a file of theirs is empty, nor taken from two places', () => {
    expect(() =>
      loadConfig(schema, { SANDBOXED_NAME_FILE: '/dev/null' }),
    ).toThrow('SANDBOXED_NAME_FILE: /dev/null is empty');
    expect(() =>
      loadConfig(schema, {
        SANDBOXED_NAME: 'abc',
        SANDBOXED_NAME_FILE: '/proc/sys/kernel/ostype',
      }),
    ).toThrow(/SANDBOXED_NAME: is set, and SANDBOXED_NAME_FILE too/);
  });
});
