import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { parseScript } from './script.mjs';
import { startMockLlm } from './server.mjs';

/** @type {Awaited<ReturnType<typeof startMockLlm>> | undefined} */
let mock;
afterEach(async () => {
  await mock?.close();
  mock = undefined;
});

const write = {
  name: 'Write',
  input_schema: { properties: { file_path: {}, content: {} } },
};
const bash = {
  type: 'function',
  function: {
    name: 'bash',
    parameters: {
      properties: { command: { type: 'string' }, description: {} },
      required: ['command', 'description'],
    },
  },
};
const exec = {
  type: 'function',
  name: 'exec_command',
  parameters: { properties: { cmd: { type: 'string' } }, required: ['cmd'] },
};

const post = (path, body, key = 'good') =>
  fetch(mock.url + path, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ model: 'm', ...body }),
  });
const ask = (content, more) =>
  post('/v1/messages', {
    messages: [{ role: 'user', content }],
    tools: [write],
    ...more,
  });

test('reads quoted and bare values, and leaves other brackets alone', () => {
  assert.deepEqual(
    parseScript('[[write path=a.txt content="x \\"y\\"\\n"]] [[nothing a=1]]'),
    [{ verb: 'write', args: { path: 'a.txt', content: 'x "y"\n' } }],
  );
});

for (const stream of [true, false]) {
  const how = stream ? 'streamed' : 'whole';

  test(`Messages API, ${how}: calls the tool, then ends`, async () => {
    mock = await startMockLlm({ chunk: 1000 });
    const user = { role: 'user', content: '[[write path=a]]' };
    const first = await post('/v1/messages', {
      stream,
      messages: [user],
      tools: [write],
    });
    assert.match(await first.text(), /"stop_reason":"tool_use"/);
    const second = await post('/v1/messages', {
      stream,
      messages: [
        user,
        { role: 'assistant', content: [{ type: 'tool_use' }] },
        { role: 'user', content: [{ type: 'tool_result' }] },
      ],
      tools: [write],
    });
    assert.match(await second.text(), /Done: write a\..*end_turn/s);
  });

  test(`Chat Completions API, ${how}: calls the tool, then ends`, async () => {
    mock = await startMockLlm({ chunk: 1000 });
    const user = { role: 'user', content: '[[bash cmd="ls -l"]]' };
    const first = await post('/v1/chat/completions', {
      stream,
      messages: [user],
      tools: [bash],
    });
    assert.match(await first.text(), /ls -l.*"finish_reason":"tool_calls"/s);
    const second = await post('/v1/chat/completions', {
      stream,
      messages: [user, { role: 'assistant' }, { role: 'tool' }],
      tools: [bash],
    });
    assert.match(await second.text(), /Done: bash ls -l\..*"stop"/s);
  });

  test(`Responses API, ${how}: calls the tool, then ends`, async () => {
    mock = await startMockLlm({ chunk: 1000 });
    const user = { role: 'user', content: '[[write path=a]]' };
    const first = await post('/v1/responses', {
      stream,
      input: [user],
      tools: [exec],
    });
    assert.match(await first.text(), /function_call.*exec_command/s);
    const second = await post('/v1/responses', {
      stream,
      input: [
        user,
        { type: 'function_call' },
        { type: 'function_call_output' },
      ],
      tools: [exec],
    });
    assert.match(
      await second.text(),
      /"completed".*Done: write a\.|Done: write a\..*"completed"/s,
    );
  });
}

test('a prompt after a finished one starts its own script', async () => {
  mock = await startMockLlm();
  const response = await post('/v1/messages', {
    messages: [
      { role: 'user', content: '[[write path=a]]' },
      { role: 'user', content: [{ type: 'tool_result' }] },
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: '[[recall]]' },
    ],
    tools: [write],
  });
  assert.match(await response.text(), /RECALL prompts=2/);
});

test('refuses unknown keys and, when no key is named, those that begin with "bad"', async () => {
  mock = await startMockLlm({ keys: ['good'] });
  assert.equal((await post('/v1/messages', {}, 'other')).status, 401);
  await mock.close();
  mock = await startMockLlm();
  assert.equal((await post('/v1/messages', {}, 'bad-key')).status, 401);
  assert.equal((await post('/v1/messages', {}, 'any-key')).status, 200);
});

test('gives an error as often as the script says', async () => {
  mock = await startMockLlm();
  const script = '[[error status=429 retry_after=2 times=1]]';
  const first = await ask(script);
  assert.equal(first.status, 429);
  assert.equal(first.headers.get('retry-after'), '2');
  assert.equal((await ask(script)).status, 200);
});

test('gives an error inside a stream that began well', async () => {
  mock = await startMockLlm();
  const script = '[[error status=529 at=stream]]';
  const response = await ask(script, { stream: true });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /overloaded_error/);
});

test('breaks a stream in each of the ways it knows', async () => {
  mock = await startMockLlm();
  const broken = (kind) => ask(`[[malformed kind=${kind}]]`, { stream: true });
  assert.match(await (await broken('json')).text(), /oops not json/);
  assert.doesNotMatch(await (await broken('eof')).text(), /message_stop/);
  assert.match(await (await broken('html')).text(), /gateway page/);
  await assert.rejects((await broken('cut')).text());
});

test('hangs until the client goes away', async () => {
  mock = await startMockLlm();
  const response = await post('/v1/messages', {
    stream: true,
    messages: [{ role: 'user', content: '[[hang after=text]]' }],
    tools: [write],
  });
  const reader = response.body.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /message_start/);
  await reader.cancel();
});
