/** How a plan goes out over HTTP, faults included. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const SSE = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};
/** A fault in a stream comes after this many pieces of text. */
const PIECES_BEFORE_FAULT = 3;

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
export function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

const frame = ({ name, data }) =>
  `${name && `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** @param {import('./plan.mjs').Fail} fail */
export function sendError({ api, chat, response, id }, fail) {
  const { status, retryAfter, inStream } = fail;
  if (!inStream || !chat.stream) {
    const headers = retryAfter ? { 'retry-after': retryAfter } : {};
    sendJson(response, status, api.errorBody(fail, id), headers);
    return { status };
  }
  response.writeHead(200, SSE);
  response.end(api.errorEvents(chat, fail, id).map(frame).join(''));
  return { status: 200, inStream: status };
}

const PARTIAL = {
  thinking: '',
  text: 'partial text before the hang',
  call: null,
  chunk: 8,
  usage: { in: 1, out: 1, cached: 0 },
};

/** Never ends the answer: nothing at all, headers alone, or half a text. @param {import('./plan.mjs').Hang} hang */
export async function sendHang({ api, chat, response, id }, { after }) {
  if (after !== 'none') {
    response.writeHead(200, SSE);
    response.flushHeaders();
  }
  if (after === 'text')
    for (const event of api.events(chat, PARTIAL, id)) {
      if (event.last) break;
      response.write(frame(event));
    }
  await once(response, 'close');
  return { status: 0, action: 'hang' };
}

/** @param {import('./plan.mjs').Answer} answer */
export async function sendAnswer({ api, chat, response, id }, answer) {
  if (answer.fault === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><body>gateway page</body></html>');
    return { status: 200 };
  }
  if (!chat.stream) {
    sendJson(response, 200, api.whole(chat, answer, id));
    return { status: 200 };
  }
  response.writeHead(200, SSE);
  let texts = 0;
  for (const event of api.events(chat, answer, id)) {
    if (response.destroyed) return { status: 0, clientGone: true };
    if (event.text) texts += 1;
    if (event.text && texts === PIECES_BEFORE_FAULT) {
      if (answer.fault === 'json')
        response.write('data: {"type": oops not json\n\n');
      if (answer.fault === 'eof') break;
      if (answer.fault === 'cut') {
        // The fault itself is timed: what was written has to leave the socket's buffer before it is cut.
        await sleep(20);
        response.destroy();
        return { status: 0, cut: true };
      }
    }
    if (!response.write(frame(event)))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    // The pace that the script asks for, as a slow model has it.
    if (event.text && answer.delay) await sleep(answer.delay);
  }
  response.end();
  return { status: 200 };
}
