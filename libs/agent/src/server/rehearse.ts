import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { startAgent } from './agent.ts';
import { pause } from './pause.ts';

/** Nothing listens there. */
const PORT = 1;
/** Longer than what a port is given to answer. Milliseconds. */
const LAST_MS = 1_000;

/**
 * Runs an agent in a directory of its own, `place`, and asks of it once what each start and stop does, so that a snapshot that is taken
 * afterwards holds the code of that compiled, and what it loads. Leaves nothing: neither files nor processes, nor anything of
 * the environment. Throws where the agent does not do it.
 */
export async function rehearse(place: string): Promise<void> {
  const home = path.join(place, 'home');
  const socketPath = path.join(place, 'agent.sock');
  fs.mkdirSync(home, { recursive: true });
  try {
    const agent = await startAgent({
      ...{ socketPath, stateDirectory: place, home, env: {} },
      skeleton: path.join(place, 'skeleton'),
      appDirectory: path.join(home, 'app'),
      templates: path.join(place, 'templates'),
      ptyAddon: path.join(place, 'pty.node'),
      pid: process.pid,
      now: Date.now,
      warn: () => undefined,
      onEnd: () => undefined,
    });
    const web = { name: 'web', command: 'exec sleep 60', port: PORT };
    await ask(socketPath, 'GET', '/v1/health?app=1');
    await ask(socketPath, 'POST', '/v1/boot', { env: {}, services: [web] });
    await ask(socketPath, 'GET', `/v1/ports/${PORT}?timeout_ms=20`);
    await ask(socketPath, 'POST', '/v1/processes?follow=1', {
      ...{ id: '0'.repeat(26), shell: 'echo', output_cap_bytes: 1_024 },
    });
    await ask(socketPath, 'POST', '/v1/end');
    await agent.stop();
    // What sockets leave in Node's list of timers is over by then, but for those that are due in minutes: see main.ts.
    await pause(LAST_MS);
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

async function ask(
  socketPath: string,
  method: string,
  url: string,
  json?: unknown,
): Promise<void> {
  const body = json === undefined ? '' : JSON.stringify(json);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = net.connect(socketPath);
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => {
      text += piece;
      // Whole answers are short; a stream ends with a chunk of no bytes.
      if (!text.includes('chunked') || text.endsWith('\r\n0\r\n\r\n'))
        socket.end();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(text);
    });
    socket.write(
      `${method} ${url} HTTP/1.1\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  if (!/^HTTP\/1\.1 20[01] /.test(said))
    throw new Error(`${method} ${url} → ${said.slice(0, 500)}`);
}
