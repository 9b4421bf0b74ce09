import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { Problem, usageProblem } from './problem.ts';

/** The environment, as far as this program heeds it. An empty variable is none. */
export const environmentSchema = z.object({
  /** The installation that is called. */
  SANDBOXED_URL: z.string().optional(),
  SANDBOXED_TOKEN: z.string().optional(),
  SANDBOXED_TOKEN_FILE: z.string().optional(),
  /** What `./sandboxed` found in the settings of the installation on this host. Not for other addresses. */
  SANDBOXED_INSTALLED_URL: z.string().optional(),
  SANDBOXED_INSTALLED_TOKEN: z.string().optional(),
});
type Environment = z.output<typeof environmentSchema>;

/** What a command line may say of it. */
export const connectionOptions = {
  url: z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
};
type Given = Partial<z.output<z.ZodObject<typeof connectionOptions>>>;

export interface Settings {
  readonly baseUrl: string;
  readonly token?: string;
  /** What is unsafe about how they were given. */
  readonly warnings: readonly string[];
}

const DEFAULT_URL = 'http://127.0.0.1:9090';

/**
 * Which installation is called, and by which token. The command line comes first, then the environment, then what is installed on
 * this host, whose token goes nowhere else. Throws a `Problem`.
 */
export function readSettings(given: Given, environment: Environment): Settings {
  const chosen = given.url ?? (environment.SANDBOXED_URL || undefined);
  const baseUrl =
    chosen ?? (environment.SANDBOXED_INSTALLED_URL || DEFAULT_URL);
  if (!isHttp(baseUrl))
    throw usageProblem(
      `${JSON.stringify(baseUrl)} is no address of an installation.`,
      `Give it as ${DEFAULT_URL}, by --url or SANDBOXED_URL.`,
    );
  const file =
    given.tokenFile ?? (environment.SANDBOXED_TOKEN_FILE || undefined);
  const { token, warning } =
    given.token !== undefined
      ? { token: given.token, warning: ON_COMMAND_LINE }
      : given.tokenFile === undefined && environment.SANDBOXED_TOKEN
        ? { token: environment.SANDBOXED_TOKEN }
        : file !== undefined
          ? readToken(file)
          : chosen === undefined
            ? { token: environment.SANDBOXED_INSTALLED_TOKEN || undefined }
            : {};
  return {
    baseUrl,
    ...(token !== undefined && { token }),
    warnings: warning === undefined ? [] : [warning],
  };
}

const ON_COMMAND_LINE =
  'Warning: everybody on this host can read --token in the list of processes; SANDBOXED_TOKEN or --token-file hides it.';

function isHttp(text: string): boolean {
  return (
    URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
  );
}

function readToken(path: string): { token: string; warning?: string } {
  let token = '';
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Problem(
      `The token file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Write the token into it, as its only line, or name another file.',
    );
  }
  if (token === '')
    throw new Problem(
      `The token file ${path} is empty.`,
      'Write the token into it, as its only line.',
    );
  const isOpen = (statSync(path).mode & 0o077) !== 0;
  return isOpen
    ? {
        token,
        warning: `Warning: others on this host can read ${path}; chmod 600 keeps them out.`,
      }
    : { token };
}
