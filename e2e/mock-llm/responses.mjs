/** OpenAI's Responses API. */
import { errorBody } from './chat-completions.mjs';
import { propsOf, textOf } from './chat.mjs';
import { pieces } from './pieces.mjs';

export { errorBody };

/** @param {any[]} list @param {string} [namespace] @returns {import('./chat.mjs').Tool[]} */
const toolsOf = (list, namespace) =>
  list.flatMap((tool) => {
    if (tool.type === 'namespace') return toolsOf(tool.tools ?? [], tool.name);
    if (tool.type !== 'function' && tool.type !== 'custom') return [];
    const { name, type: kind } = tool;
    return [{ name, kind, namespace, ...propsOf(tool.parameters) }];
  });

/** @param {any} body @returns {import('./chat.mjs').Chat} */
export function read(body) {
  const turns = [];
  const tools = toolsOf(body.tools ?? []);
  let system = textOf(body.instructions);
  const items =
    typeof body.input === 'string'
      ? [{ role: 'user', content: body.input }]
      : (body.input ?? []);
  for (const { type = '', role, content, tools: more } of items) {
    // Newer clients offer their tools in an item of the input.
    if (type === 'additional_tools') tools.push(...toolsOf(more ?? []));
    else if (type.endsWith('_call_output'))
      turns.push({ role: 'tool', text: '', results: 1 });
    else if (role === 'system' || role === 'developer')
      system += `\n${textOf(content)}`;
    else if (role === 'assistant' || role === 'user')
      turns.push({ role, text: textOf(content), results: 0 });
  }
  return {
    api: 'openai-responses',
    model: String(body.model),
    stream: body.stream === true,
    system,
    turns,
    tools,
  };
}

const responseOf = ({ model }, id, more) => ({
  id: `resp_${id}`,
  object: 'response',
  created_at: 1700000000,
  model,
  error: null,
  incomplete_details: null,
  ...more,
});

const usageOf = ({ in: input, cached, out }) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: out,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + out,
});

/** The parts of an item that stream it: event type suffix and data. */
const reasoningItem = (text, id, chunk) => {
  const part = { type: 'summary_text', text };
  const at = { summary_index: 0 };
  return {
    added: {
      type: 'reasoning',
      id: `rs_${id}`,
      summary: [],
      encrypted_content: 'c2NyaXB0ZWQ=',
    },
    done: {
      type: 'reasoning',
      id: `rs_${id}`,
      summary: [part],
      encrypted_content: 'c2NyaXB0ZWQ=',
    },
    steps: [
      ['reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }],
      ...pieces(text, chunk).map((delta) => [
        'reasoning_summary_text.delta',
        { ...at, delta },
      ]),
      ['reasoning_summary_text.done', { ...at, text }],
      ['reasoning_summary_part.done', { ...at, part }],
    ],
  };
};

const messageItem = (text, id, chunk) => {
  const part = { type: 'output_text', text, annotations: [] };
  const at = { content_index: 0 };
  const item = { type: 'message', id: `msg_${id}`, role: 'assistant' };
  return {
    added: { ...item, status: 'in_progress', content: [] },
    done: { ...item, status: 'completed', content: [part] },
    steps: [
      ['content_part.added', { ...at, part: { ...part, text: '' } }],
      ...pieces(text, chunk).map((delta) => [
        'output_text.delta',
        { ...at, delta },
      ]),
      ['output_text.done', { ...at, text }],
      ['content_part.done', { ...at, part }],
    ],
  };
};

const callItem = ({ name, kind, args, namespace }, id) => {
  const custom = kind === 'custom';
  const key = custom ? 'input' : 'arguments';
  const value = custom ? args : JSON.stringify(args);
  const event = custom ? 'custom_tool_call_input' : 'function_call_arguments';
  const item = {
    type: custom ? 'custom_tool_call' : 'function_call',
    id: `fc_${id}`,
    call_id: `call_${id}`,
    name,
    ...(namespace && { namespace }),
  };
  return {
    added: { ...item, status: 'in_progress', [key]: '' },
    done: { ...item, status: 'completed', [key]: value },
    steps: [
      ...pieces(value, 256).map((delta) => [`${event}.delta`, { delta }]),
      [`${event}.done`, { [key]: value }],
    ],
  };
};

const itemsOf = ({ thinking, text, call, chunk }, id) => [
  ...(thinking ? [reasoningItem(thinking, id, chunk)] : []),
  ...(text || !call ? [messageItem(text, id, chunk)] : []),
  ...(call ? [callItem(call, id)] : []),
];

export const whole = (chat, answer, id) =>
  responseOf(chat, id, {
    status: 'completed',
    output: itemsOf(answer, id).map(({ done }) => done),
    usage: usageOf(answer.usage),
  });

/** The events of a streamed answer. @returns {Generator<{name: string, data: any, text?: boolean, last?: boolean}>} */
export function* events(chat, answer, id) {
  let sequence_number = 0;
  const event = (suffix, data, more) => {
    const name = `response.${suffix}`;
    sequence_number += 1;
    return { name, data: { type: name, sequence_number, ...data }, ...more };
  };
  const response = responseOf(chat, id, { status: 'in_progress', output: [] });
  yield event('created', { response });
  yield event('in_progress', { response });
  for (const [index, item] of itemsOf(answer, id).entries()) {
    yield event('output_item.added', { output_index: index, item: item.added });
    for (const [suffix, data] of item.steps)
      yield event(
        suffix,
        { item_id: item.added.id, output_index: index, ...data },
        {
          text: /^(output|reasoning_summary)_text\.delta$/.test(suffix),
          last: suffix.endsWith('.done'),
        },
      );
    yield event(
      'output_item.done',
      { output_index: index, item: item.done },
      { last: true },
    );
  }
  yield event(
    'completed',
    { response: whole(chat, answer, id) },
    { last: true },
  );
}

/** An error after the stream began. */
export function errorEvents(chat, fail, id) {
  const { code, message } = errorBody(fail).error;
  const response = responseOf(chat, id, {
    status: 'failed',
    output: [],
    error: { code, message },
  });
  const name = 'response.failed';
  return [{ name, data: { type: name, sequence_number: 1, response } }];
}
