import { StringDecoder } from 'node:string_decoder';
import type { RotatingLog } from './rotating-log.ts';

/**
 * The last `tail` lines of a log as NDJSON frames; with `follow` also all that is written from then on, until the log
 * is closed. A follower that falls behind the rotation goes on with the oldest text kept.
 */
export async function* readLog(
  log: RotatingLog,
  options: {
    readonly tail: number;
    readonly follow: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let position = log.tail(options.tail);
  while (!options.signal.aborted && !log.closed()) {
    if (position < log.end()) {
      const { bytes, next } = log.read(position);
      position = next;
      const text = decoder.write(bytes);
      if (text !== '') yield frame(text);
    } else if (options.follow) {
      await log.change.next(options.signal);
    } else {
      break;
    }
  }
  const rest = decoder.end();
  if (rest !== '') yield frame(rest);
}

function frame(text: string): string {
  return `${JSON.stringify({ type: 'log', text })}\n`;
}
