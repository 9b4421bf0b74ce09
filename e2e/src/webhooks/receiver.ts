import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';

const bodySchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ sandbox_id: z.string().optional() }),
});

/** One try that reached a receiver. */
interface Received extends z.output<typeof bodySchema> {
  readonly id: string;
  /** Whether its signature is by the secret. */
  readonly isSigned: boolean;
}

/** A receiver of webhooks on loopback. */
export interface Receiver {
  readonly url: string;
  /** `whsec_…`, once it is known. */
  secret: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Answers 200 to all; with `stalls` it takes every call and answers none. */
export async function startReceiver(
  options: { readonly stalls?: boolean } = {},
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const [id, at, signature] = ['id', 'timestamp', 'signature'].map((name) =>
        String(request.headers[`webhook-${name}`]),
      );
      received.push({
        ...bodySchema.parse(JSON.parse(text)),
        id: id ?? '',
        isSigned: verify(receiver.secret, `${id}.${at}.${text}`, signature),
      });
      if (options.stalls !== true) response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    secret: '',
    received,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

/** As a receiver does it by the specification. */
function verify(secret: string, signed: string, signatures = ''): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(signed).digest();
  return signatures.split(' ').some((each) => {
    const [version, mac = ''] = each.split(',');
    const given = Buffer.from(mac, 'base64');
    return (
      version === 'v1' &&
      given.length === wanted.length &&
      timingSafeEqual(given, wanted)
    );
  });
}
