import { z } from 'zod';

const RESERVED = /^(SANDBOXED_|LD_)/;

/**
 * User-given environment: at most 256 names, 128 KiB in all.
 * A name is a shell identifier (so no `=`, no newline) outside our own and the loader's prefixes; a value holds no NUL.
 */
export const envSchema = z
  .record(
    z
      .string()
      .max(256)
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'must be a name of letters, digits and underscores that starts with no digit',
      )
      .refine((name) => !RESERVED.test(name), 'is a reserved name'),
    z
      .string()
      .max(65_536)
      .refine((value) => !value.includes('\0'), 'must not hold NUL'),
  )
  .refine((env) => Object.keys(env).length <= 256, {
    message: 'at most 256 variables',
  })
  .refine(
    (env) =>
      Object.entries(env).reduce(
        (sum, [name, value]) => sum + name.length + value.length,
        0,
      ) <= 131_072,
    { message: 'at most 128 KiB in all' },
  );
export type Env = z.output<typeof envSchema>;
