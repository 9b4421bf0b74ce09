import fs from 'node:fs';
import net from 'node:net';
import { AgentError } from '../errors.ts';

// Linux; node:fs does not name it.
const O_PATH = 0o10000000;

/**
 * Connects to the socket at `path`. The tenant can write to its directory, so a link there could lead to any socket of
 * the host: the path is opened without following links, what was opened must be a socket, and the connection goes to
 * that very file. Throws {@link AgentError} `agent_unreachable` or, for anything but a socket, `agent_refused`.
 */
export function connectSocket(path: string): net.Socket {
  const file = openNoFollow(path);
  const close = () => {
    fs.closeSync(file);
  };
  try {
    if (!fs.fstatSync(file).isSocket())
      throw new AgentError('agent_refused', 'the agent socket is no socket', {
        reason: 'not_a_socket',
      });
    const socket = net.connect({ path: `/proc/self/fd/${String(file)}` });
    let open = true;
    const closeOnce = () => {
      if (open) close();
      open = false;
    };
    socket.once('connect', closeOnce);
    socket.once('close', closeOnce);
    return socket;
  } catch (error) {
    close();
    throw error;
  }
}

function openNoFollow(path: string): number {
  try {
    return fs.openSync(path, O_PATH | fs.constants.O_NOFOLLOW);
  } catch (cause) {
    throw new AgentError('agent_unreachable', 'no agent socket', { cause });
  }
}
