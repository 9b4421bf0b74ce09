/** A shell command that prints one line of the output that Codex writes. */
export function codexLine(value: object): string {
  return `echo '${JSON.stringify(value)}'`;
}

/** The command with which a script that plays Codex ends its turn. */
export const CODEX_DONE = codexLine({
  type: 'turn.completed',
  usage: {
    input_tokens: 10,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: 5,
    reasoning_output_tokens: 0,
  },
});
