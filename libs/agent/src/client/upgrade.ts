import http from 'node:http';
import type { Duplex } from 'node:stream';
import { AgentError } from '../errors.ts';
import { connectSocket } from './connect-socket.ts';

/**
 * Asks the agent to change the connection to `protocol`. Throws {@link AgentError}: `agent_not_found` from one that is older than the
 * path, `agent_unreachable` when it says nothing within `timeoutMs`; or the abort's reason.
 */
export async function upgrade(
  socketPath: string,
  request: {
    readonly path: string;
    readonly protocol: string;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Duplex> {
  const { signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  const message = http.request({
    createConnection: () => connectSocket(socketPath),
    path: request.path,
    headers: {
      host: 'agent',
      connection: 'Upgrade',
      upgrade: request.protocol,
    },
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  });
  const answered = new Promise<Duplex>((resolve, reject) => {
    message.once('error', reject);
    message.once('close', () => {
      reject(new AgentError('agent_unreachable', 'the agent hung up'));
    });
    message.once('response', (response) => {
      response.destroy();
      reject(
        response.statusCode === 404
          ? new AgentError('agent_not_found', 'the agent has no such path')
          : new AgentError('agent_protocol', 'the agent did not change'),
      );
    });
    message.once('upgrade', (response, socket, head) => {
      if (response.headers.upgrade !== request.protocol) {
        socket.destroy();
        reject(new AgentError('agent_protocol', 'another protocol'));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
  });
  message.end();
  try {
    return await answered;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AgentError) throw error;
    throw new AgentError('agent_unreachable', 'the agent cannot be reached', {
      cause: error,
    });
  }
}
