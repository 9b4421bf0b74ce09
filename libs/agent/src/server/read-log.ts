import { StringDecoder } from 'node:string_decoder';
import type { LogFrame } from '../protocol.ts';
import type { RotatingLog } from './rotating-log.ts';
import { unfinishedBytes } from './unfinished-bytes.ts';

/**
 * The last `tail` lines of a log, or what follows the frame `after`, as NDJSON frames; with `follow` also all that is written from then
 * on, until the log is closed, beginning with a frame without text that tells where it stands. Text that is not kept any more is
 * left out, and the next frame says so.
 */
export async function* readLog(
  log: RotatingLog,
  options: {
    readonly tail: number;
    readonly after?: string | undefined;
    readonly follow: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<string> {
  let { position, gap } = beginning(log, options);
  /** Bytes of the gap, as far as they are known. */
  let lost = 0;
  let decoder = new StringDecoder('utf8');
  /** The last bytes that were read, among which a letter may have begun. */
  let end = Buffer.alloc(0);

  const frame = (text: string): string => {
    const id = `${log.run}-${String(position - unfinishedBytes(end))}`;
    const said: LogFrame = {
      ...{ type: 'log', text, id },
      ...(gap && { gap }),
      ...(lost > 0 && { lost }),
    };
    gap = false;
    lost = 0;
    return `${JSON.stringify(said)}\n`;
  };

  if (options.follow) yield frame('');
  while (!options.signal.aborted && !log.closed()) {
    if (position < log.end()) {
      const { bytes, next } = log.read(position);
      const skipped = next - bytes.length - position;
      if (skipped > 0) {
        gap = true;
        // Of a letter that was begun, the rest is gone, too.
        lost += skipped + unfinishedBytes(end);
        decoder = new StringDecoder('utf8');
        end = Buffer.alloc(0);
      }
      position = next;
      end = Buffer.concat([end, bytes]).subarray(-3);
      const text = decoder.write(bytes);
      if (text !== '') yield frame(text);
    } else if (options.follow) {
      await log.change.next(options.signal);
    } else {
      break;
    }
  }
  const rest = decoder.end();
  end = Buffer.alloc(0);
  if (rest !== '') yield frame(rest);
}

/** Where to begin, and whether something is missing before. */
function beginning(
  log: RotatingLog,
  {
    tail,
    after,
  }: { readonly tail: number; readonly after?: string | undefined },
): { readonly position: number; gap: boolean } {
  if (after === undefined) return { position: log.tail(tail), gap: false };
  const [run, at] = after.split('-');
  const position = Number(at);
  // Numbers of another run say nothing here: what this one wrote was not seen.
  return run === log.run && position <= log.end()
    ? { position, gap: false }
    : { position: log.begun, gap: true };
}
