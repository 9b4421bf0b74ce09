import type { OutputStream } from '../protocol.ts';

// Wide enough for any size that a log may reach, so that the length of a frame does not depend on the offset in it.
const OFFSET_DIGITS = 13;

/**
 * One line of a process' log, exactly as it goes over the wire. It holds the offset of its own end, so a reader can
 * send stretches of the file as they are and a client knows where to resume.
 */
export function encodeFrame(frame: {
  readonly stream: OutputStream;
  readonly text: string;
  /** Byte offset in the log at which this frame begins. */
  readonly start: number;
}): Buffer {
  const head = `{"type":"output","stream":"${frame.stream}","text":${JSON.stringify(frame.text)},"offset":`;
  const end =
    frame.start + Buffer.byteLength(head) + OFFSET_DIGITS + '}\n'.length;
  return Buffer.from(`${head}${String(end).padStart(OFFSET_DIGITS)}}\n`);
}
