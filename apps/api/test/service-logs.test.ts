import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAgentClient } from '@sandboxed/agent';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import type { World } from './support.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(async () => {
  await cleanUp();
  await disposeAgents();
});

/** A service of a sandbox that runs, and its log. */
async function setting(command: string) {
  const agent = await startTestAgent();
  const deps: World = {
    ...(await world()),
    agent: () => createAgentClient({ socketPath: agent.socketPath }),
  };
  const api = await listen(deps);
  const id = await running(deps, api);
  await agent.client.putService('web', { command });
  const url = `${api.url}/v1/sandboxes/${id}/services/web/logs`;
  return { agent, url };
}

/** Follows until this came, then breaks off; answers the text, the last id, and the types of what came. */
async function followed(
  url: string,
  wanted: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const stop = new AbortController();
  const { signal } = stop;
  const response = await fetch(url, { headers, signal });
  let sent = '';
  const text = (): string =>
    [...sent.matchAll(/^data: (\{"text".*\})$/gm)]
      .map(([, data = '{}']): unknown => JSON.parse(data))
      .map((data) => Reflect.get(Object(data), 'text') as string)
      .join('');
  for await (const piece of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    sent += piece;
    if (sent.includes('id: ') && text().includes(wanted)) break;
  }
  stop.abort();
  return {
    text: text(),
    last: [...sent.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '',
    types: [...sent.matchAll(/^event: (.+)$/gm)].map(([, type]) => type),
    /** Bytes that `trimmed` tells of. */
    lost: [...sent.matchAll(/^data: .*"bytes":(\d+)\}$/gm)]
      .map(([, bytes]) => Number(bytes))
      .reduce((sum, bytes) => sum + bytes, 0),
  };
}

const GO = 'until [ -e go ]; do sleep 0.02; done';

it('is taken up after the last event that came, by header and by query', async () => {
  const { agent, url } = await setting(
    `echo one; ${GO}; echo two; exec sleep 300`,
  );
  const first = await followed(`${url}?follow=true`, 'one\n');
  expect(first.types).toEqual(expect.arrayContaining(['position', 'log']));
  writeFileSync(join(agent.app, 'go'), '');
  const header = { 'last-event-id': first.last };
  const second = await followed(`${url}?follow=true`, 'two\n', header);
  expect(second).toMatchObject({ text: 'two\n', types: ['position', 'log'] });
  const query = `${url}?follow=true&after=${first.last}`;
  expect((await followed(query, 'two\n')).text).toBe('two\n');
  const rest = await fetch(`${url}?after=${first.last}`);
  expect(await rest.text()).toBe('two\n');
});

it('says so when what follows is not kept any more', async () => {
  const { url } = await setting('echo one; exec sleep 300');
  const { last } = await followed(`${url}?follow=true`, 'one\n');
  const other = last.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const again = await followed(`${url}?follow=true`, 'one\n', {
    'last-event-id': other,
  });
  expect(again.types[0]).toBe('trimmed');
  expect(again.text).toBe('one\n');
});

it('says how many bytes are not kept any more where that is known', async () => {
  const { agent, url } = await setting(
    `echo one; ${GO}; seq 1000000; echo end; exec sleep 300`,
  );
  const first = await followed(`${url}?follow=true`, 'one\n');
  writeFileSync(join(agent.app, 'go'), '');
  await followed(`${url}?follow=true&tail=1`, 'end\n');
  const query = `${url}?follow=true&after=${first.last}`;
  const { text, lost } = await followed(query, 'end\n');
  // All digits and line ends that seq wrote, and the last line.
  expect(lost + text.length).toBe(6_888_896 + 'end\n'.length);
});

it('takes no other ids', async () => {
  const { url } = await setting('exec sleep 300');
  for (const after of ['7', 'x', '0123456789abcdef-', '0123456789abcdef--1']) {
    const byQuery = await fetch(`${url}?after=${after}`);
    expect(byQuery.status).toBe(400);
    const byHeader = await fetch(url, { headers: { 'last-event-id': after } });
    expect(byHeader.status).toBe(400);
  }
});
