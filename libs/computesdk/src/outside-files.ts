import type { FileEntry } from '@computesdk/provider';
import type { CommandResult, Sandbox } from '@sandboxed/sdk';
import { FailureError, LimitError } from '@sandboxed/sdk';

/** Files outside the app directory, which no call of the API reaches: by programs in the sandbox. */
export const outsideFiles = {
  async read(sandbox: Sandbox, path: string): Promise<string> {
    return whole(path, await must(sandbox, ['cat', '--', path]));
  },

  async write(sandbox: Sandbox, path: string, content: string): Promise<void> {
    const script = 'mkdir -p -- "$(dirname -- "$1")" && exec cat > "$1"';
    await must(sandbox, ['sh', '-c', script, 'write', path], content);
  },

  async mkdir(sandbox: Sandbox, path: string): Promise<void> {
    await must(sandbox, ['mkdir', '-p', '--', path]);
  },

  async readdir(sandbox: Sandbox, path: string): Promise<FileEntry[]> {
    const found = await must(sandbox, [
      ...['find', path, '-mindepth', '1', '-maxdepth', '1'],
      // No name has a slash.
      ...['-printf', '%y %s %T@ %f/'],
    ]);
    return whole(path, found)
      .split('/')
      .flatMap((line) => {
        const [, type, size, modified, name] =
          /^(\S) (\d+) ([\d.]+) ([^]+)$/.exec(line) ?? [];
        if (name === undefined) return [];
        return {
          name,
          type: type === 'd' ? ('directory' as const) : ('file' as const),
          size: Number(size),
          modified: new Date(Number(modified) * 1_000),
        };
      });
  },

  async exists(sandbox: Sandbox, path: string): Promise<boolean> {
    const { exitCode } = await sandbox.commands.run(['test', '-e', path]);
    return exitCode === 0;
  },

  async remove(sandbox: Sandbox, path: string): Promise<void> {
    await must(sandbox, ['rm', '-rf', '--', path]);
  },
};

/** What a program wrote. Throws `LimitError` if that is not all of it. */
function whole(path: string, { stdout, truncated }: CommandResult): string {
  if (!truncated) return stdout;
  throw new LimitError(
    `${path} has more than a program can tell of it (1 MiB).`,
    { code: 'body_too_large' },
  );
}

/** Throws `FailureError` with what the program says when it fails. */
async function must(
  sandbox: Sandbox,
  argv: readonly string[],
  stdin?: string,
): Promise<CommandResult> {
  const result = await sandbox.commands.run(
    argv,
    stdin === undefined ? {} : { stdin },
  );
  if (result.exitCode === 0) return result;
  throw new FailureError(result.stderr.trim() || `${argv[0] ?? ''} failed`, {
    code: 'internal',
  });
}
