import type { Argument, Command } from 'commander';

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    readonly long: string;
    readonly description: string;
    readonly takesValue: boolean;
  }[];
  /** What its operands are, one after the other; the last one of several is meant again and again. */
  readonly operands: readonly ('sandbox' | 'place' | 'shell' | 'other')[];
  readonly isVariadic: boolean;
}

/** What there is to complete, by the commands themselves. */
export function completedCommands(root: Command): readonly CompletedCommand[] {
  return root.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long, description, required }) =>
      typeof long === 'string'
        ? [{ long, description, takesValue: required }]
        : [],
    ),
    operands: command.registeredArguments.map(kindOf),
    isVariadic: command.registeredArguments.at(-1)?.variadic ?? false,
  }));
}

const KINDS = {
  sandbox: 'sandbox',
  from: 'place',
  to: 'place',
  shell: 'shell',
} as const;

function kindOf(argument: Argument) {
  const found = Object.entries(KINDS).find(
    ([name]) => name === argument.name(),
  );
  return found?.[1] ?? 'other';
}

/** The place of the operand that is completed by sandboxes, from 0; undefined for commands that name none. */
export function sandboxAt({
  operands,
  isVariadic,
}: CompletedCommand):
  { readonly from: number; readonly to: number } | undefined {
  const from = operands.indexOf('sandbox');
  if (from === -1) return undefined;
  const isLast = from === operands.length - 1;
  return { from, to: isLast && isVariadic ? Infinity : from };
}

/**
 * The shell command that tells ids and names, one a line. What a tenant calls a sandbox ends up on a command line: only plain names
 * are offered.
 */
export const sandboxWords = (program: string): string =>
  `${program} ls 2>/dev/null | cut -f 1,2 | tr '\\t' '\\n' | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$'`;
