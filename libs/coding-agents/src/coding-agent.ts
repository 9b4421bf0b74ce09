import type {
  AgentName,
  AgentSession,
  EventData,
  TaskFailure,
  TokenCounts,
} from '@sandboxed/domain';

/** What a task asks of a coding agent. */
export interface Order {
  readonly prompt: string;
  /** As the program names it; undefined is the program's own choice. */
  readonly model: string | undefined;
  /** The session to continue. */
  readonly session: AgentSession | undefined;
  /** What the program will see: the sandbox's environment overlaid by the task's. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the rules of the place, readable in the sandbox. */
  readonly instructionsFile: string;
  /** The text of that file. */
  readonly instructions: string;
}

/** How to start the program: the whole environment to give it on top of the image's, and its input. Neither argv nor a configuration in `env` holds a secret. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

type OutputEvent = 'status' | 'message' | 'tool' | 'file' | 'usage' | 'raw';

/** An event read from a program's output. */
export type TaskEvent = {
  [T in OutputEvent]: {
    readonly type: T;
    readonly data: Omit<EventData<T>, 'offset'>;
  };
}[OutputEvent];

/** Why the program failed, in words for the user; `permanent` failures are mended by no retry. */
export interface AgentFailure {
  readonly reason: TaskFailure;
  readonly message: string;
  readonly permanent: boolean;
}

/** What the output says so far. */
export interface AgentSummary {
  /** The session to continue next time, with its totals. */
  readonly session: AgentSession | undefined;
  /** The session to continue does not exist: start again without one. */
  readonly sessionUnknown: boolean;
  readonly finalMessage: string | undefined;
  /** Of this task alone; `output` includes `reasoning`, `total` is `input`, `output` and both `cache` counts. */
  readonly tokens: TokenCounts;
  /** Of this task alone; undefined when the program does not know the price. */
  readonly costUsd: number | undefined;
  /** Calls of the model; Codex tells only of their results. */
  readonly steps: number;
  /** The program says that it finished well. Known after `end`. */
  readonly completed: boolean;
  readonly failure: AgentFailure | undefined;
  /** How often in a row the last call of a tool was made with the same input. */
  readonly sameToolInARow: number;
  /** How many steps in a row ended without a reason: a sign of an endless loop. */
  readonly suspiciousSteps: number;
}

/** How the program ended. */
export interface AgentExit {
  readonly exitCode: number;
  readonly signal?: string | undefined;
}

/** Reads one run of a program. What it reads comes from the tenant: it is bounded and never throws. */
export interface AgentReader {
  /** Takes output in any chunking. */
  push(stream: 'stdout' | 'stderr', text: string): readonly TaskEvent[];
  /** Takes what a last line without an end says, and how the process ended. */
  end(exit: AgentExit): readonly TaskEvent[];
  readonly summary: AgentSummary;
}

/** A coding agent that runs without a terminal, one process a task. */
export interface CodingAgent {
  readonly name: AgentName;
  invoke(order: Order): Invocation;
  /** `session` is the one that the order continues. */
  read(session: AgentSession | undefined): AgentReader;
}
