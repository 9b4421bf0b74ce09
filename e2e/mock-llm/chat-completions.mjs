/** OpenAI's Chat Completions API. */
import { propsOf, textOf } from './chat.mjs';
import { errorWords, pieces } from './pieces.mjs';

/** @param {any} body @returns {import('./chat.mjs').Chat} */
export function read(body) {
  const turns = [];
  let system = '';
  for (const { role, content } of body.messages ?? []) {
    if (role === 'system' || role === 'developer')
      system += `${textOf(content)}\n`;
    else if (role === 'tool') turns.push({ role, text: '', results: 1 });
    else turns.push({ role, text: textOf(content), results: 0 });
  }
  const tools = (body.tools ?? [])
    .filter((tool) => tool.function)
    .map((tool) => ({
      name: tool.function.name,
      kind: 'function',
      ...propsOf(tool.function.parameters),
    }));
  return {
    api: 'openai-chat',
    model: String(body.model),
    stream: body.stream === true,
    system,
    turns,
    tools,
  };
}

const usageOf = ({ in: input, cached, out }) => ({
  prompt_tokens: input,
  completion_tokens: out,
  total_tokens: input + out,
  prompt_tokens_details: { cached_tokens: cached },
});

const finishReason = ({ call }) => (call ? 'tool_calls' : 'stop');

/** The events of a streamed answer. @returns {Generator<{name: string, data: any, text?: boolean, last?: boolean}>} */
export function* events(chat, answer, id) {
  const base = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: 1700000000,
    model: chat.model,
  };
  const chunk = (delta, more, finish_reason = null) => ({
    name: '',
    data: { ...base, choices: [{ index: 0, delta, finish_reason }] },
    ...more,
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const piece of pieces(answer.thinking, answer.chunk))
    yield chunk({ reasoning_content: piece }, { text: true });
  for (const piece of pieces(answer.text, answer.chunk))
    yield chunk({ content: piece }, { text: true });
  if (answer.call) {
    const { name, args } = answer.call;
    yield chunk({
      tool_calls: [
        {
          index: 0,
          id: `call_${id}`,
          type: 'function',
          function: { name, arguments: '' },
        },
      ],
    });
    for (const piece of pieces(JSON.stringify(args), 256))
      yield chunk({
        tool_calls: [{ index: 0, function: { arguments: piece } }],
      });
  }
  yield chunk({}, { last: true }, finishReason(answer));
  yield {
    name: '',
    data: { ...base, choices: [], usage: usageOf(answer.usage) },
    last: true,
  };
  yield { name: '', data: '[DONE]', last: true };
}

export function whole(chat, answer, id) {
  const calls = answer.call && {
    tool_calls: [
      {
        id: `call_${id}`,
        type: 'function',
        function: {
          name: answer.call.name,
          arguments: JSON.stringify(answer.call.args),
        },
      },
    ],
  };
  const message = { role: 'assistant', content: answer.text || null, ...calls };
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: 1700000000,
    model: chat.model,
    choices: [{ index: 0, message, finish_reason: finishReason(answer) }],
    usage: usageOf(answer.usage),
  };
}

export function errorBody(fail) {
  const { type, message } = errorWords(fail);
  const codes = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };
  const code = fail.type || codes[fail.status] || 'server_error';
  return { error: { message, type, param: null, code } };
}

/** An error after the stream began. */
export const errorEvents = (_chat, fail) => [
  { name: '', data: errorBody(fail) },
];
