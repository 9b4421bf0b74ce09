/**
 * The script language: directives such as [[write path=a.txt content="x"]] in a prompt say what the model answers.
 * @typedef {{verb: string, args: Record<string, string>}} Step
 */

export const TOOL_VERBS = new Set(['write', 'bash', 'read', 'edit', 'tool']);
export const FAULT_VERBS = new Set(['error', 'hang', 'malformed']);
const VERBS = new Set([
  ...['done', 'slow', 'long', 'recall'],
  ...TOOL_VERBS,
  ...FAULT_VERBS,
  ...['say', 'think', 'usage', 'pace'],
]);

const VALUE = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s\]]+`;
const DIRECTIVE = new RegExp(
  String.raw`\[\[\s*([a-z]+)((?:\s+[a-z_0-9]+=(?:${VALUE}))*)\s*\]\]`,
  'g',
);
const ARGUMENT = new RegExp(String.raw`([a-z_0-9]+)=(${VALUE})`, 'g');

const ESCAPES = { n: '\n', t: '\t', r: '\r' };

/** @param {string} value */
const unescape = (value) =>
  value.replace(/\\(n|t|r|"|'|\\)/g, (_, char) => ESCAPES[char] ?? char);

/** The directives of a prompt, in order. @param {string} text @returns {Step[]} */
export function parseScript(text) {
  return [...text.matchAll(DIRECTIVE)]
    .filter(([, verb]) => VERBS.has(verb))
    .map(([, verb, rest]) => ({
      verb,
      args: Object.fromEntries(
        [...rest.matchAll(ARGUMENT)].map(([, name, value]) => [
          name,
          /^["']/.test(value) ? unescape(value.slice(1, -1)) : value,
        ]),
      ),
    }));
}

const INJECTED = [
  'system-reminder',
  'environment_context',
  'user_instructions',
  'permissions instructions',
  'collaboration_mode',
  'skills_instructions',
  'plugins_instructions',
  'apps_instructions',
  'INSTRUCTIONS',
  'session_context',
  'turn_aborted',
  'local-command-caveat',
].join('|');
const INJECTED_BLOCK = new RegExp(`<(${INJECTED})>[\\s\\S]*?</\\1>`, 'g');

/** The prompt without what the programs wrap around it or add to it. @param {string} text */
export function stripInjected(text) {
  return text
    .replace(INJECTED_BLOCK, '')
    .replace(/^# AGENTS\.md instructions[^\n]*$/gm, '')
    .trim();
}
