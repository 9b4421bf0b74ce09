import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AgentName, AgentSession } from '@sandboxed/domain';
import { AGENT_NAMES, agentSessionSchema } from '@sandboxed/domain';
import { z } from 'zod';
import type {
  AgentExit,
  AgentReader,
  AgentSummary,
  TaskEvent,
} from '../src/index.ts';
import { CODING_AGENTS } from '../src/index.ts';

/** A piece of a program's output. */
export interface Piece {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** One recorded run: what it continued, what it printed, how it ended. */
export interface Fixture {
  readonly agent: AgentName;
  readonly version: string;
  readonly name: string;
  readonly session: AgentSession | undefined;
  readonly pieces: readonly Piece[];
  readonly exit: AgentExit;
}

const headSchema = z.object({
  case: z.string(),
  session: agentSessionSchema.optional(),
});
const pieceSchema = z.union([
  z
    .strictObject({ stdout: z.string() })
    .transform(({ stdout: text }): Piece => ({ stream: 'stdout', text })),
  z
    .strictObject({ stderr: z.string() })
    .transform(({ stderr: text }): Piece => ({ stream: 'stderr', text })),
]);
const exitSchema = z.object({ exitCode: z.int() });

function load(agent: AgentName, path: string): Fixture {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const values = lines.map((line): unknown => JSON.parse(line));
  const { case: name, session } = headSchema.parse(values.at(0));
  return {
    agent,
    version: basename(path).replace(`-${name}.ndjson`, ''),
    name,
    session,
    pieces: values.slice(1, -1).map((value) => pieceSchema.parse(value)),
    exit: exitSchema.parse(values.at(-1)),
  };
}

const byNumber = new Intl.Collator('en', { numeric: true });

/** Every recorded run of every agent and version. */
export const FIXTURES: readonly Fixture[] = AGENT_NAMES.flatMap((agent) => {
  const folder = join(import.meta.dirname, `../src/${agent}/fixtures`);
  return readdirSync(folder)
    .map((file) => load(agent, join(folder, file)))
    .sort((a, b) => byNumber.compare(a.version, b.version));
});

/** The recorded runs of one case of one agent, oldest version first; there is at least one. */
export function fixturesOf(agent: AgentName, name: string): Fixture[] {
  const found = FIXTURES.filter(
    (fixture) => fixture.agent === agent && fixture.name === name,
  );
  if (found.length === 0) throw new Error(`${agent} has no run of ${name}.`);
  return found;
}

/** Everything that is read of a run. */
export interface Read {
  readonly events: readonly TaskEvent[];
  readonly summary: AgentSummary;
}

/** Reads pieces of output, in this chunking. */
export function readPieces(
  reader: AgentReader,
  pieces: readonly Piece[],
  exit: AgentExit,
): Read {
  const events = pieces.flatMap(({ stream, text }) => [
    ...reader.push(stream, text),
  ]);
  events.push(...reader.end(exit));
  return { events, summary: reader.summary };
}

/** Reads a recorded run as it was printed. */
export const read = ({ agent, session, pieces, exit }: Fixture): Read =>
  readPieces(CODING_AGENTS[agent].read(session), pieces, exit);

/** The run of a case in the newest recorded version. */
export function readCase(agent: AgentName, name: string): Read {
  const newest = fixturesOf(agent, name).at(-1);
  if (newest === undefined) throw new Error(`${agent} has no run of ${name}.`);
  return read(newest);
}

/** The events of a type. */
export const eventsOf = <T extends TaskEvent['type']>(
  { events }: Read,
  type: T,
): Extract<TaskEvent, { type: T }>[] =>
  events.filter(
    (event): event is Extract<TaskEvent, { type: T }> => event.type === type,
  );
