/**
 * A scripted model server: real coding agents talk to it as to a model API, so a whole task runs without a network or a key.
 * @typedef {{host?: string, port?: number, logFile?: string, dumpDir?: string, keys?: string[], chunk?: number, delay?: number}} Options
 * @typedef {Record<string, unknown>} Entry
 */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as anthropic from './anthropic.mjs';
import { locate } from './chat.mjs';
import * as chatCompletions from './chat-completions.mjs';
import { plan } from './plan.mjs';
import * as responses from './responses.mjs';
import { sendAnswer, sendError, sendHang, sendJson } from './send.mjs';

const APIS = [
  [/\/v1\/messages(\/count_tokens)?$/, anthropic],
  [/\/v1\/chat\/completions$/, chatCompletions],
  [/\/v1\/responses$/, responses],
];
const LOG_MAX = 10_000;
const BODY_MAX_BYTES = 64 * 1024 * 1024;

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
const keyOf = (headers) =>
  String(
    headers['x-api-key'] ??
      headers.authorization?.replace(/^Bearer\s+/i, '') ??
      '',
  );

const FAIL = { type: '', message: '' };

/** Starts the server; port 0 picks one. `log` holds the last 10,000 requests. @param {Options} [options] */
export async function startMockLlm(options = {}) {
  const { host = '127.0.0.1', port = 0, keys = [] } = options;
  const { logFile, dumpDir, chunk = 12, delay = 0 } = options;
  /** @type {Map<string, number>} */
  const counters = new Map();
  /** @type {Entry[]} */
  const log = [];
  let count = 0;
  if (dumpDir) mkdirSync(dumpDir, { recursive: true });

  /** @param {Entry} entry */
  const record = (entry) => {
    log.push(entry);
    if (log.length > LOG_MAX) log.shift();
    if (logFile) appendFileSync(logFile, `${JSON.stringify(entry)}\n`);
  };

  const reset = () => {
    counters.clear();
    log.length = 0;
  };

  /** Answers one request of a model; answers what to log of it. */
  const answerModel = async (api, path, headers, raw, number, response) => {
    const key = keyOf(headers);
    const refused = keys.length > 0 ? !keys.includes(key) : /^bad/.test(key);
    if (refused) {
      const body = api.errorBody({ ...FAIL, status: 401 }, String(number));
      sendJson(response, 401, body);
      return { status: 401, action: 'bad-key' };
    }
    const body = JSON.parse(raw);
    if (dumpDir) {
      const name = `${String(number).padStart(5, '0')}.json`;
      writeFileSync(join(dumpDir, name), JSON.stringify({ path, body }));
    }
    if (path.endsWith('/count_tokens')) {
      sendJson(response, 200, { input_tokens: Math.ceil(raw.length / 4) });
      return { status: 200, action: 'count_tokens' };
    }
    const chat = api.read(body);
    const client = `${key}|${headers['user-agent'] ?? ''}`;
    const chosen = plan(chat, counters, { chunk, delay }, client);
    const id = createHash('sha1').update(raw).digest('hex').slice(0, 20);
    const seen = {
      api: chat.api,
      model: chat.model,
      action: chosen.label,
      turns: chat.turns.length,
      prompt: locate(chat).prompt.slice(0, 80),
    };
    const to = { api, chat, response, id };
    if (chosen.kind === 'error') return { ...seen, ...sendError(to, chosen) };
    if (chosen.kind === 'hang')
      return { ...seen, ...(await sendHang(to, chosen)) };
    return { ...seen, ...(await sendAnswer(to, chosen)) };
  };

  /** Answers one request; answers what to log of it, if anything. */
  const answer = async (request, path, number, response) => {
    const raw = await bodyOf(request);
    if (path === '/__mock/health') return sendJson(response, 200, { ok: true });
    if (path === '/__mock/log') return sendJson(response, 200, log);
    if (path === '/__mock/reset') {
      reset();
      return sendJson(response, 200, { ok: true });
    }
    const api = APIS.find(([pattern]) => pattern.test(path))?.[1];
    if (api && request.method === 'POST')
      return answerModel(api, path, request.headers, raw, number, response);
    const message = `no such endpoint: ${path}`;
    sendJson(response, 404, { error: { type: 'not_found_error', message } });
    return { status: 404, action: 'unknown' };
  };

  const server = createServer((request, response) => {
    count += 1;
    const number = count;
    const started = Date.now();
    const path = new URL(request.url ?? '/', 'http://mock').pathname;
    const entry = { number, method: request.method, path };
    answer(request, path, number, response).then(
      (seen) => seen && record({ ...entry, ...seen, ms: Date.now() - started }),
      (error) => {
        record({ ...entry, status: 500, error: String(error) });
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: { message: String(error) } });
      },
    );
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const at = server.address();
  return {
    url: `http://${host}:${at.port}`,
    port: at.port,
    log,
    reset,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}
