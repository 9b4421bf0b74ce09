/**
 * A request of any API in one form, and where in the script the conversation is.
 * @typedef {'function' | 'custom' | 'local_shell'} ToolKind
 * @typedef {{name: string, kind: ToolKind, props: Record<string, any>, required: string[], namespace?: string}} Tool
 * @typedef {{role: 'user' | 'assistant' | 'tool', text: string, results: number}} Turn
 * @typedef {{api: string, model: string, stream: boolean, system: string, turns: Turn[], tools: Tool[]}} Chat
 */
import { parseScript, stripInjected } from './script.mjs';

/** The text of a string, a part or a list of parts. @param {any} content @returns {string} */
export function textOf(content) {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string') return content;
  if (Array.isArray(content))
    return content.map(textOf).filter(Boolean).join('\n');
  return textOf(content.text ?? content.content);
}

/** @param {any} schema */
export const propsOf = (schema) => ({
  props: schema?.properties ?? {},
  required: schema?.required ?? [],
});

/** The programs name their working directory somewhere in the instructions. @param {Chat} chat */
function findCwd(chat) {
  const asked = chat.turns.filter(({ role }) => role === 'user');
  const all = [chat.system, ...asked.map(({ text }) => text)].join('\n');
  const found =
    /<cwd>([^<]+)<\/cwd>/.exec(all) ??
    /(?:working directory|cwd|current directory)[^\n/]{0,40}?:\s*`?(\/[^\s`<"']+)/i.exec(
      all,
    );
  return found?.[1].trim() ?? '';
}

/** The last real prompt, how many tool results came since, all prompts, and the working directory. @param {Chat} chat */
export function locate(chat) {
  const at = chat.turns.findLastIndex(({ role, text, results }) => {
    const own = stripInjected(text);
    return (
      role === 'user' &&
      own !== '' &&
      (results === 0 || parseScript(own).length > 0)
    );
  });
  return {
    prompt: stripInjected(chat.turns[at]?.text ?? ''),
    results: chat.turns
      .slice(at + 1)
      .reduce((sum, { results }) => sum + results, 0),
    prompts: chat.turns
      .filter(({ role, results }) => role === 'user' && results === 0)
      .map(({ text }) => stripInjected(text))
      .filter(Boolean),
    cwd: findCwd(chat),
  };
}
