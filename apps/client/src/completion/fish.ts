import type { CompletedCommand } from './words.ts';
import { sandboxAt, sandboxWords } from './words.ts';

/** A script for fish: `sandboxed completion fish | source`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const { name, description, options, operands } = command;
    const within = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c sandboxed -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map(
        (option) =>
          `complete -c sandboxed ${within} -l ${option.long.replace(/^--/, '')}${option.takesValue ? ' -r' : ''} -d ${quoted(option.description)}`,
      ),
      ...(sandboxAt(command) === undefined
        ? []
        : [`complete -c sandboxed -f ${within} -a '(__sandboxed_sandboxes)'`]),
      ...(operands.includes('place')
        ? [`complete -c sandboxed ${within} -F -a '(__sandboxed_places)'`]
        : []),
      ...(operands.includes('shell')
        ? [`complete -c sandboxed -f ${within} -a 'bash zsh fish'`]
        : []),
    ];
  });
  return `# Completion of sandboxed for fish. Put this into ~/.config/fish/config.fish:
#   sandboxed completion fish | source
function __sandboxed_sandboxes
  ${sandboxWords('sandboxed')}
end
function __sandboxed_places
  __sandboxed_sandboxes | sed 's/$/:/'
end
${lines.join('\n')}
`;
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
