import type { AgentSession } from '@sandboxed/domain';
import { clip, TEXT_LIMITS } from './bounds.ts';
import type { AgentWords } from './classify.ts';
import type { AgentExit, AgentReader } from './coding-agent.ts';
import { errorWords } from './error-words.ts';
import { createLineSplitter } from './lines.ts';
import type { Line } from './lines.ts';
import { Reading } from './reading.ts';

/** What one program's output means. */
export interface Parser {
  readonly words: AgentWords;
  /** Reads a line of JSON; false when it is of no known shape. */
  line(value: unknown, reading: Reading): boolean;
  /** Reads a line of stderr; true when there is nothing to show of it. */
  stderr(line: string, reading: Reading): boolean;
  /** Whether the program finished well, once it ended. */
  finishedWell(exit: AgentExit, reading: Reading): boolean;
}

/** A terminal's escape sequence for colour. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The value of a line that is one JSON object. */
function jsonObject({ text, cut }: Line): unknown {
  if (cut || !text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The last lines of stderr, which tell of an end that nothing else explains. */
function createTail(): { push(line: string): void; text(): string } {
  let tail = '';
  return {
    push(line) {
      tail = `${tail}\n${clip(line, TEXT_LIMITS.raw)}`.slice(-TEXT_LIMITS.raw);
    },
    text: () => tail.trim().toWellFormed(),
  };
}

/** A reader of one run; `parser` must be of that run alone. */
export function createReader(
  parser: Parser,
  previous: AgentSession | undefined,
): AgentReader {
  const reading = new Reading(parser.words, previous);
  const splitters = {
    stdout: createLineSplitter(),
    stderr: createLineSplitter(),
  };
  const tail = createTail();

  const readers = {
    stdout: (line: Line): void => {
      const value = jsonObject(line);
      if (value === undefined || !parser.line(value, reading))
        reading.raw(line.text);
    },
    stderr: (line: Line): void => {
      const text = line.text.replace(COLOUR, '');
      if (parser.stderr(text, reading)) return;
      tail.push(text);
      reading.raw(text);
    },
  };

  return {
    push(stream, text) {
      splitters[stream].push(text).forEach(readers[stream]);
      return reading.takeEvents();
    },
    end(exit) {
      splitters.stdout.flush().forEach(readers.stdout);
      splitters.stderr.flush().forEach(readers.stderr);
      if (parser.finishedWell(exit, reading)) reading.succeed();
      else if (!reading.failed) {
        const said = tail.text();
        const how =
          exit.signal === undefined
            ? `it ended with exit code ${exit.exitCode}`
            : `it was ended by ${exit.signal}`;
        const { hints, status } = errorWords(said);
        reading.fail({
          text: said === '' ? how : `${how}: ${said}`,
          hints,
          status,
        });
      }
      return reading.takeEvents();
    },
    get summary() {
      return reading.summary;
    },
  };
}
