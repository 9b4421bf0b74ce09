import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack | undefined;

afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

it('serves names without a certificate with the one that was made for it, so that it makes no key at each change', async () => {
  stack = await startOwnStack({ tls: true });
  const socket = connect({
    host: '127.0.0.1',
    port: stack.edgePort,
    servername: 'preview.localhost',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const served = socket.getPeerCertificate().fingerprint256;
  socket.destroy();
  const file = await readFile(join(stack.dataDir, 'edge/default.crt'));
  expect(served).toBe(new X509Certificate(file).fingerprint256);
}, 60_000);
