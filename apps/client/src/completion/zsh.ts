import type { CompletedCommand } from './words.ts';
import { sandboxAt, sandboxWords } from './words.ts';

/** A script for zsh: `source <(sandboxed completion zsh)`, or a file `_sandboxed` in its `fpath`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => {
    const { name, options, operands } = command;
    const at = sandboxAt(command);
    const sandboxes =
      at === undefined
        ? []
        : at.to === Infinity
          ? ["'*:sandbox:_sandboxed_sandboxes'"]
          : [`'${at.from + 1}:sandbox:_sandboxed_sandboxes'`];
    const words = [
      ...options.map(({ long, description, takesValue }) =>
        quoted(
          `${long}[${escaped(description)}]${takesValue ? ':value:_files' : ''}`,
        ),
      ),
      ...sandboxes,
      ...(operands.includes('place')
        ? ["'1:from:_sandboxed_places'", "'2:to:_sandboxed_places'"]
        : []),
      ...(operands.includes('shell') ? ["'1:shell:(bash zsh fish)'"] : []),
    ];
    return `    ${name}) _arguments ${words.join(' ')} ;;`;
  });
  const described = commands.map(({ name, description }) =>
    quoted(`${name}:${description.replaceAll(':', '\\:')}`),
  );
  return `#compdef sandboxed
# Completion of sandboxed for zsh. Put this into ~/.zshrc, after compinit:
#   source <(sandboxed completion zsh)
_sandboxed_sandboxes() {
  local -a found
  found=("\${(@f)$(${sandboxWords('sandboxed')})}")
  compadd -a found
}
_sandboxed_places() {
  local -a found
  found=("\${(@f)$(${sandboxWords('sandboxed')})}")
  compadd -S : -a found
  _files
}
_sandboxed() {
  local -a commands
  commands=(${described.join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _sandboxed sandboxed
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Brackets and colons are zsh's own there. */
const escaped = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');
