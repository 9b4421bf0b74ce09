import { AgentError } from './errors.ts';
import { FRAME_LIMITS } from './terminal-protocol.ts';

const HEADER_BYTES = 5;
const KINDS = ['control', 'data'] as const;

/** What a terminal's connection carries: bytes of the terminal, or JSON about it, not yet checked. */
export type Frame =
  | { readonly kind: 'control'; readonly json: unknown }
  | { readonly kind: 'data'; readonly bytes: Buffer };

/** A frame: a byte that says its kind, four that say its length, then what it holds. */
function frame(kind: (typeof KINDS)[number], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(KINDS.indexOf(kind), 0);
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** JSON as a frame. */
export function controlFrame(json: object): Buffer {
  return frame('control', Buffer.from(JSON.stringify(json)));
}

/** Bytes as frames, as many as their bound takes. */
export function dataFrames(bytes: Uint8Array): Buffer {
  const frames: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += FRAME_LIMITS.data)
    frames.push(frame('data', bytes.subarray(from, from + FRAME_LIMITS.data)));
  return Buffer.concat(frames);
}

/**
 * Takes a connection's chunks and answers the frames that each completes, data that follows on data as one. Holds no more than a
 * frame and a chunk. Throws {@link AgentError} `agent_protocol` for what is none, or over its bound.
 */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const frames: Frame[] = [];
    let data: Buffer[] = [];
    const flush = () => {
      if (data.length > 0)
        frames.push({ kind: 'data', bytes: Buffer.concat(data) });
      data = [];
    };
    while (held.length >= HEADER_BYTES) {
      const kind = KINDS[held.readUInt8(0)];
      const length = held.readUInt32BE(1);
      if (kind === undefined || length === 0 || length > FRAME_LIMITS[kind])
        throw new AgentError('agent_protocol', 'this is no frame');
      if (held.length < HEADER_BYTES + length) break;
      const bytes = held.subarray(HEADER_BYTES, HEADER_BYTES + length);
      held = held.subarray(HEADER_BYTES + length);
      if (kind === 'data') data.push(bytes);
      else {
        flush();
        frames.push({ kind, json: parseJson(bytes) });
      }
    }
    flush();
    return frames;
  };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AgentError('agent_protocol', 'the frame is not JSON', { cause });
  }
}
