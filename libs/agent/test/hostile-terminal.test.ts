import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { createAgentClient } from '../src/index.ts';
import {
  controlFrame,
  createFrameReader,
  dataFrames,
} from '../src/terminal-frames.ts';
import { newId } from './ids.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const work of undo.splice(0)) work();
});

/** A client of an agent that answers whatever it likes: `undefined`, as one does that knows no terminals. */
async function clientOf(
  answer: Buffer | undefined,
  onSocket: (socket: Duplex) => void = (socket) => socket.end(answer),
) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'hostile-'));
  const socketPath = path.join(directory, 'agent.sock');
  const server = http.createServer((request, response) => {
    const isHealth = request.url === '/v1/health';
    response.writeHead(isHealth ? 200 : 404, {
      'content-type': 'application/json',
    });
    response.end(
      JSON.stringify({
        ...{ protocol: 1, version: '0', pid: 1, started_at_ms: 0 },
        booted: true,
      }),
    );
  });
  if (answer !== undefined)
    server.on('upgrade', (_request, socket) => {
      socket.on('error', () => undefined);
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sandboxed-terminal\r\n\r\n',
      );
      onSocket(socket);
    });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const client = createAgentClient({ socketPath });
  undo.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
    fs.rmSync(directory, { recursive: true });
  });
  return client;
}

const SIZE = { cols: 80, rows: 24 };
const open = async (answer: Buffer | undefined) => {
  const client = await clientOf(answer);
  return client.openTerminal({ type: 'open', id: newId(), ...SIZE });
};
const opened = controlFrame({ type: 'opened', offset: 0 });

it('an agent from before there were terminals is told apart by having no reason', async () => {
  await expect(open(undefined)).rejects.toMatchObject({
    code: 'agent_not_found',
    reason: undefined,
  });
});

it.each([
  ['says nothing', Buffer.alloc(0), 'agent_unreachable'],
  ['breaks off', opened.subarray(0, 8), 'agent_unreachable'],
  ['shows before it opened', dataFrames(Buffer.from('x')), 'agent_protocol'],
  [
    'has an odd offset',
    controlFrame({ type: 'opened', offset: -1 }),
    'agent_protocol',
  ],
  [
    'sends a frame without end',
    Buffer.from([0, 255, 255, 255, 255]),
    'agent_protocol',
  ],
] as const)('an agent that %s is refused', async (_what, answer, code) => {
  await expect(open(answer)).rejects.toMatchObject({ code });
});

it.each([
  ['breaks off', Buffer.alloc(0), 'agent_unreachable'],
  [
    'ends with a code that is none',
    controlFrame({ type: 'exit', exit_code: 1e9 }),
    'agent_protocol',
  ],
  [
    'says what was not asked for',
    controlFrame({ type: 'opened', offset: 0 }),
    'agent_protocol',
  ],
  ['sends what is no frame', Buffer.from('HTTP/1.1 200 OK'), 'agent_protocol'],
] as const)('a terminal whose agent %s ends so', async (_what, more, code) => {
  const read = async () =>
    (await open(Buffer.concat([opened, more]))).frames.next();
  await expect(read()).rejects.toMatchObject({ code });
});

it('an agent that reads nothing is told no size but the newest', async () => {
  let there: Duplex | undefined;
  const client = await clientOf(opened, (socket) => {
    there = socket;
    socket.write(opened);
    socket.pause();
  });
  const terminal = await client.openTerminal({
    ...{ type: 'open', id: newId(), ...SIZE },
  });
  const times = 100_000;
  for (let at = 0; at < times; at += 1)
    terminal.resize({ cols: 1 + (at % 900), rows: 1 });
  terminal.resize({ cols: 999, rows: 999 });
  if (there === undefined) throw new Error('nobody came');
  const read = createFrameReader();
  let told = 0;
  for await (const chunk of there) {
    const frames = read(chunk as Buffer);
    told += frames.length;
    if (JSON.stringify(frames.at(-1)).includes('"cols":999')) break;
  }
  expect(told).toBeLessThan(times / 2);
  terminal.leave();
});
