import { once } from 'node:events';
import { connect } from 'node:net';

/** What Redis holds. */
export interface RedisMemory {
  /** Of its data, without what clients and buffers take. */
  readonly bytes: number;
  readonly keys: number;
}

/** Asks the Redis on this port of the loopback interface. */
export async function readRedis(port: number): Promise<RedisMemory> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write('INFO memory\r\nDBSIZE\r\nQUIT\r\n');
  await once(socket, 'close');
  const bytes = /^used_memory_dataset:(\d+)/m.exec(text)?.[1];
  const keys = /^:(\d+)/m.exec(text)?.[1];
  if (bytes === undefined || keys === undefined)
    throw new Error(`Redis said: ${text.slice(0, 200)}`);
  return { bytes: Number(bytes), keys: Number(keys) };
}
