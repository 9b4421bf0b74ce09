// An app that keeps all it was sent, for tests that look for what it must not see. Runs in a sandbox.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const seen = [];
const PAGE = `<!doctype html><title>my app</title><h1>private</h1><script>
  const joined = () => new Promise((resolve) => {
    const socket = new WebSocket(location.href.replace('http', 'ws') + 'socket');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onclose = ({ code }) => resolve('closed with ' + code);
  });
  window.probe = async () => {
    let word;
    // Chromium breaks off what is under way when any container on the host comes or goes.
    for (let tried = 0; tried < 3 && word !== 'joined'; tried += 1) word = await joined();
    const events = new EventSource('/events');
    const event = await new Promise((resolve) => {
      events.onmessage = ({ data }) => resolve(data);
      events.onerror = () => events.readyState === EventSource.CLOSED && resolve('refused');
    });
    events.close();
    return { word, event, cookie: document.cookie };
  };
</script>`;

const server = createServer((request, response) => {
  if (request.url === '/seen') {
    response.end(JSON.stringify(seen));
    return;
  }
  seen.push([request.method, request.url, ...request.rawHeaders]);
  response.setHeader('set-cookie', 'own=1; Path=/');
  if (request.url === '/events') {
    response.setHeader('content-type', 'text/event-stream');
    response.write('data: streamed\n\n');
    return;
  }
  response.setHeader('content-type', 'text/html');
  response.end(PAGE);
});
server.on('upgrade', (request, socket) => {
  seen.push(['upgrade', request.url, ...request.rawHeaders]);
  const accept = createHash('sha1')
    .update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    )
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x81, 6]), Buffer.from('joined')]));
});
server.listen(3000, '0.0.0.0');
