import type { CompletedCommand } from './words.ts';
import { sandboxAt, sandboxWords } from './words.ts';

/** A script for bash: `source <(sandboxed completion bash)`. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => {
    const { name, options, operands } = command;
    const valued = options.filter(({ takesValue }) => takesValue);
    const at = sandboxAt(command);
    return [
      `    ${name})`,
      `      options='${options.map(({ long }) => long).join(' ')}'`,
      `      valued='${valued.map(({ long }) => long).join(' ')}'`,
      ...(at === undefined
        ? []
        : [`      first=${at.from} last=${at.to === Infinity ? 999 : at.to}`]),
      ...(operands.includes('place')
        ? ['      files=yes first=0 last=1 suffix=:']
        : []),
      ...(operands.includes('shell') ? ["      words='bash zsh fish'"] : []),
      '      ;;',
    ].join('\n');
  });
  return `# Completion of sandboxed for bash. Put this into ~/.bashrc:
#   source <(sandboxed completion bash)
_sandboxed_offer() {
  local word
  # No compgen -W: it would run what stands in a word.
  while IFS= read -r word; do
    if [[ -n $word && $word == "$1"* ]]; then COMPREPLY+=("$word$2"); fi
  done
}

_sandboxed() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous='' command='' word i
  local options='' valued='' words='' first=-1 last=-1 files='' suffix='' count=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} != -* ]]; then
      command="\${COMP_WORDS[i]}"
      break
    fi
  done
  case "$command" in
    '')
      _sandboxed_offer "$current" '' <<<'${commands.map(({ name }) => name).join("'$'\\n''")}'
      return
      ;;
${cases.join('\n')}
  esac
  for ((i += 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ " $valued " == *" $previous "* && -n $previous ]]; then
      previous=''
      continue
    fi
    previous="$word"
    if [[ $word != -* ]]; then count=$((count + 1)); fi
  done
  if [[ " $valued " == *" $previous "* && -n $previous ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  if [[ $current == -* ]]; then
    _sandboxed_offer "$current" '' <<<"\${options// /$'\\n'}"
    return
  fi
  if [[ -n $words ]]; then _sandboxed_offer "$current" '' <<<"\${words// /$'\\n'}"; fi
  if ((count >= first && count <= last && first >= 0)); then
    _sandboxed_offer "$current" "$suffix" < <(${sandboxWords('"${COMP_WORDS[0]}"')})
    if [[ -n $suffix ]]; then compopt -o nospace 2>/dev/null; fi
  fi
  if [[ -n $files ]]; then
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
  fi
}
complete -F _sandboxed sandboxed
`;
}
