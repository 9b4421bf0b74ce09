import { AgentError } from '../errors.ts';

/**
 * Splits a stream of bytes into lines, without their ends. Takes as it goes: nothing is read ahead of the consumer but
 * the chunk in hand. Throws {@link AgentError} `agent_protocol` for a line over `maxBytes` or an unfinished last one.
 */
export async function* readLines(
  chunks: AsyncIterable<unknown>,
  maxBytes: number,
): AsyncGenerator<string> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Buffer)) continue;
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(0x0a, from);
      const part = chunk.subarray(from, to === -1 ? undefined : to);
      heldBytes += part.length;
      if (heldBytes > maxBytes)
        throw new AgentError('agent_protocol', 'a line is too long');
      if (part.length > 0) held.push(part);
      if (to === -1) break;
      yield Buffer.concat(held, heldBytes).toString('utf8');
      held = [];
      heldBytes = 0;
      from = to + 1;
    }
  }
  if (heldBytes > 0)
    throw new AgentError('agent_unreachable', 'the stream was cut off');
}
