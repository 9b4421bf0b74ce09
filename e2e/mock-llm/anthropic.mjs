/** Anthropic's Messages API. */
import { propsOf, textOf } from './chat.mjs';
import { errorWords, pieces } from './pieces.mjs';

/** @param {any} body @returns {import('./chat.mjs').Chat} */
export function read(body) {
  const turns = [];
  let system = textOf(body.system);
  for (const { role, content } of body.messages ?? []) {
    const parts = Array.isArray(content)
      ? content
      : [{ type: 'text', text: content }];
    const text = textOf(parts.filter(({ type }) => type === 'text'));
    const results = parts.filter(({ type }) => type === 'tool_result').length;
    if (role === 'system') system += `\n${text}`;
    else turns.push({ role, text, results });
  }
  const tools = (body.tools ?? [])
    .filter(({ input_schema }) => input_schema)
    .map(({ name, input_schema }) => ({
      name,
      kind: 'function',
      ...propsOf(input_schema),
    }));
  return {
    api: 'anthropic',
    model: String(body.model),
    stream: body.stream === true,
    system,
    turns,
    tools,
  };
}

const usageOf = ({ in: input, cached, out }) => ({
  input_tokens: input - cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cached,
  output_tokens: out,
});

const stopReason = ({ call }) => (call ? 'tool_use' : 'end_turn');

/** The content blocks of an answer, each with the deltas that stream it. */
function blocksOf({ thinking, text, call, chunk }, id) {
  const blocks = [];
  if (thinking)
    blocks.push({
      block: { type: 'thinking', thinking, signature: 'c2NyaXB0ZWQ=' },
      empty: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(thinking, chunk).map((piece) => ({
          type: 'thinking_delta',
          thinking: piece,
        })),
        { type: 'signature_delta', signature: 'c2NyaXB0ZWQ=' },
      ],
    });
  if (text || !call)
    blocks.push({
      block: { type: 'text', text },
      empty: { type: 'text', text: '' },
      deltas: pieces(text, chunk).map((piece) => ({
        type: 'text_delta',
        text: piece,
      })),
    });
  if (call) {
    const block = {
      type: 'tool_use',
      id: `toolu_${id}`,
      name: call.name,
      input: call.args,
    };
    blocks.push({
      block,
      empty: { ...block, input: {} },
      deltas: pieces(JSON.stringify(call.args), 256).map((piece) => ({
        type: 'input_json_delta',
        partial_json: piece,
      })),
    });
  }
  return blocks;
}

const message = ({ model }, id) => ({
  id: `msg_${id}`,
  type: 'message',
  role: 'assistant',
  model,
  stop_sequence: null,
});

/** The events of a streamed answer. @returns {Generator<{name: string, data: any, text?: boolean, last?: boolean}>} */
export function* events(chat, answer, id) {
  const event = (type, data, more) => ({
    name: type,
    data: { type, ...data },
    ...more,
  });
  yield event('message_start', {
    message: {
      ...message(chat, id),
      content: [],
      stop_reason: null,
      usage: { ...usageOf(answer.usage), output_tokens: 1 },
    },
  });
  for (const [index, { empty, deltas }] of blocksOf(answer, id).entries()) {
    yield event('content_block_start', { index, content_block: empty });
    if (index === 0) yield event('ping', {});
    for (const delta of deltas)
      yield event(
        'content_block_delta',
        { index, delta },
        { text: /^(text|thinking)_/.test(delta.type) },
      );
    yield event('content_block_stop', { index }, { last: true });
  }
  yield event(
    'message_delta',
    {
      delta: { stop_reason: stopReason(answer), stop_sequence: null },
      usage: { output_tokens: answer.usage.out },
    },
    { last: true },
  );
  yield event('message_stop', {}, { last: true });
}

export const whole = (chat, answer, id) => ({
  ...message(chat, id),
  content: blocksOf(answer, id).map(({ block }) => block),
  stop_reason: stopReason(answer),
  usage: usageOf(answer.usage),
});

export const errorBody = (fail, id) => ({
  type: 'error',
  error: errorWords(fail),
  request_id: `req_${id}`,
});

/** An error after the stream began. */
export const errorEvents = (_chat, fail, id) => [
  { name: 'error', data: errorBody(fail, id) },
];
