/**
 * What to answer: read from the prompt's script and from how many of its tool steps have results already, so the server
 * keeps no session. Only `times=` is counted, per client and prompt.
 * @typedef {import('./chat.mjs').Chat} Chat
 * @typedef {{in: number, out: number, cached: number}} Usage
 * @typedef {{kind: 'answer', text: string, thinking: string, call: import('./tool-call.mjs').Call | null, usage: Usage, chunk: number, delay: number, fault: string, label: string}} Answer
 * @typedef {{kind: 'error', status: number, type: string, message: string, retryAfter: string, inStream: boolean, label: string}} Fail
 * @typedef {{kind: 'hang', after: string, label: string}} Hang
 * @typedef {Answer | Fail | Hang} Plan
 */
import { locate } from './chat.mjs';
import { FAULT_VERBS, parseScript, TOOL_VERBS } from './script.mjs';
import { toolCall } from './tool-call.mjs';

/** Text that is cut into words, whatever their length. */
export const BY_WORDS = -1;

const LOREM =
  'The scripted model writes this sentence to fill the stream with predictable words. ';

/** @param {number} chars */
const filler = (chars) =>
  LOREM.repeat(Math.ceil(chars / LOREM.length)).slice(0, chars);

/** @param {import('./script.mjs').Step} step */
const stepName = ({ verb, args }) =>
  [verb, args.path ?? args.cmd?.slice(0, 40)].filter(Boolean).join(' ');

/** @param {Chat} chat */
const charsOf = ({ system, turns }) =>
  turns.reduce((sum, { text }) => sum + text.length, system.length);

/** @param {Record<string, string>} args @param {string} key @param {string[]} prompts @returns {Partial<Answer>} */
function finalText(verb, args, prompts) {
  const { chunks = '20', ms = '500', chars = '100000' } = args;
  switch (verb) {
    case 'slow':
      return {
        text: Array.from(
          { length: Number(chunks) },
          (_, index) => `tick-${index + 1} `,
        ).join(''),
        chunk: BY_WORDS,
        delay: Number(ms),
      };
    case 'long':
      return { text: filler(Number(chars)), chunk: 2000 };
    case 'recall':
      return {
        text: `RECALL prompts=${prompts.length} first=${JSON.stringify((prompts[0] ?? '').slice(0, 80))}`,
      };
    default:
      return { text: args.text ?? 'Done.' };
  }
}

/** @param {import('./script.mjs').Step} step @returns {Plan | {fault: string, text: string}} */
function faultOf({ verb, args }) {
  if (verb === 'hang')
    return { kind: 'hang', after: args.after ?? 'none', label: 'hang' };
  if (verb === 'malformed') return { fault: args.kind ?? 'cut', text: LOREM };
  const status = Number(args.status ?? '500');
  return {
    kind: 'error',
    status,
    type: args.type ?? '',
    message: args.message ?? '',
    retryAfter: args.retry_after ?? '',
    inStream: args.at === 'stream',
    label: `error:${status}`,
  };
}

/**
 * @param {Chat} chat
 * @param {Map<string, number>} counters how often each fault was given
 * @param {{chunk: number, delay: number}} pace characters a delta, milliseconds between deltas
 * @param {string} client keeps the counters of different clients apart
 * @returns {Plan}
 */
export function plan(chat, counters, pace, client) {
  const { prompt, results, prompts, cwd } = locate(chat);
  let usage = { in: Math.ceil(charsOf(chat) / 4), out: 0, cached: 0 };
  let { chunk, delay } = pace;
  let say = '';
  let thinking = '';

  /** @param {Partial<Answer>} part @param {string} label @returns {Answer} */
  const answer = (part, label) => {
    const text = part.text ?? '';
    const chars = text.length + JSON.stringify(part.call?.args ?? '').length;
    const out = usage.out || Math.ceil(chars / 4);
    const whole = {
      kind: 'answer',
      call: null,
      fault: '',
      chunk,
      delay,
      label,
    };
    return { ...whole, thinking, ...part, text, usage: { ...usage, out } };
  };

  // Titles, summaries and pings offer no tools: the script is not for them.
  if (chat.tools.length === 0) return answer({ text: 'Scripted task' }, 'side');

  let left = results;
  const done = [];
  for (const [index, step] of parseScript(prompt).entries()) {
    const { verb, args } = step;
    if (verb === 'say') {
      say = args.text ?? 'Working on it.';
    } else if (verb === 'think') {
      thinking = args.text ?? 'Thinking about the script.';
    } else if (verb === 'usage') {
      const { in: input = usage.in, out = 0, cached = 0 } = args;
      usage = { in: Number(input), out: Number(out), cached: Number(cached) };
    } else if (verb === 'pace') {
      chunk = Number(args.chunk ?? chunk);
      delay = Number(args.ms ?? delay);
    } else if (TOOL_VERBS.has(verb)) {
      if (left === 0) {
        const call = toolCall(chat, step, cwd);
        if (call) return answer({ text: say, call }, `${verb}:${call.name}`);
        const offered = chat.tools.map(({ name }) => name).join(', ');
        return answer(
          {
            text: `NO_TOOL: nothing does "${stepName(step)}". Offered: ${offered}`,
          },
          'no-tool',
        );
      }
      left -= 1;
      done.push(stepName(step));
      say = '';
      thinking = '';
    } else if (FAULT_VERBS.has(verb)) {
      const key = [client, chat.api, prompt, index, results].join('\n');
      const given = counters.get(key) ?? 0;
      if (left > 0 || given >= Number(args.times ?? 'Infinity')) continue;
      counters.set(key, given + 1);
      const fault = faultOf(step);
      return 'kind' in fault
        ? fault
        : answer(fault, `malformed:${fault.fault}`);
    } else {
      const final = finalText(verb, args, prompts);
      return answer(
        { ...final, text: `${say && `${say} `}${final.text}` },
        verb,
      );
    }
  }
  if (done.length > 0)
    return answer({ text: `Done: ${done.join('; ')}.` }, 'final');
  return answer(
    { text: say || `Scripted answer to: ${prompt.slice(0, 80)}` },
    'echo',
  );
}
