import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** Settings that cannot be used; `message` lists every problem, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface LoadedConfig<T> {
  readonly config: T;
  /** Names that look like ours and mean nothing to this schema: probably a typing error. */
  readonly unknown: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment by `schema`. An empty value counts as not set; `NAME_FILE` names a file that holds the value of `NAME`:
 * only one of them may be set, and the file must hold something.
 * `known` are names that other processes of the installation use. Throws ConfigError with all problems at once.
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Environment,
  known: readonly string[] = [],
): LoadedConfig<z.output<S>> {
  const names = Object.keys(schema.shape);
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = env[name] ?? '';
    const file = env[`${name}_FILE`] ?? '';
    if (value !== '' && file !== '')
      problems.push(
        `${name}: is set, and ${name}_FILE too: leave one of them empty`,
      );
    else if (value !== '') values[name] = value;
    else if (file !== '') {
      try {
        values[name] = readFileSync(file, 'utf8').trim();
        // Who names a file means what is in it, not the default.
        if (values[name] === '')
          problems.push(`${name}_FILE: ${file} is empty`);
      } catch (error) {
        problems.push(
          `${name}_FILE: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success)
    for (const issue of parsed.error.issues)
      problems.push(`${issue.path.join('.') || 'settings'}: ${issue.message}`);
  if (problems.length > 0 || !parsed.success)
    throw new ConfigError(
      `The settings cannot be used:\n${problems.map((line) => `  - ${line}`).join('\n')}\nCorrect them in .env (see .env.example) and start again.`,
    );
  const understood = new Set([
    ...names,
    ...names.map((name) => `${name}_FILE`),
    ...known,
  ]);
  return {
    config: parsed.data,
    unknown: Object.keys(env).filter(
      (name) => /^SANDBOX(ED|D)_/.test(name) && !understood.has(name),
    ),
  };
}
