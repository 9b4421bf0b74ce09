import type { AgentSession, FileChange, TokenCounts } from '@sandboxed/domain';
import { NO_TOKENS } from '@sandboxed/domain';
import { clip, eventPath, TEXT_LIMITS, titleOf } from './bounds.ts';
import type { AgentWords } from './classify.ts';
import { classify } from './classify.ts';
import type { AgentFailure, AgentSummary, TaskEvent } from './coding-agent.ts';
import type { ErrorWords } from './error-words.ts';
import { addTokens } from './token-math.ts';
import { fingerprint } from './tool-input.ts';

/** How often the ids of steps and running tools are forgotten, so that neither grows without bound. */
const REMEMBERED_MAX = 1_000;

/** A call of a tool as a program tells it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly status: 'running' | 'completed' | 'failed';
  readonly title?: string | undefined;
  readonly path?: string | undefined;
}

/** What was read of one run so far. The parsers of the programs write into it; events wait in it to be taken. */
export class Reading {
  sessionId: string | undefined;
  sessionUnknown = false;
  finalMessage: string | undefined;
  tokens: TokenCounts = NO_TOKENS;
  costUsd: number | undefined;
  /** What the session took in all, where the program counts it itself. */
  sessionTokens: TokenCounts | undefined;
  sessionCostUsd: number | undefined;
  suspiciousSteps = 0;
  completed = false;

  #events: TaskEvent[] = [];
  #failure: AgentFailure | undefined;
  /** Why the program is trying again; forgotten as soon as the model answers. */
  #obstacle: AgentFailure | undefined;
  #told: string | undefined;
  #steps = new Set<string>();
  #stepCount = 0;
  #lastTool: number | undefined;
  #sameToolInARow = 0;

  readonly #words: AgentWords;
  readonly previous: AgentSession | undefined;

  constructor(words: AgentWords, previous: AgentSession | undefined) {
    this.#words = words;
    this.previous = previous;
  }

  takeEvents(): readonly TaskEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  get failed(): boolean {
    return this.#failure !== undefined || this.#obstacle !== undefined;
  }

  session(id: string): void {
    if (id !== '') this.sessionId = clip(id, TEXT_LIMITS.id);
  }

  /** A call of the model; the same id is the same call. */
  step(given: string): void {
    const id = clip(given, TEXT_LIMITS.id);
    this.#obstacle = undefined;
    if (this.#steps.has(id)) return;
    if (this.#steps.size >= REMEMBERED_MAX) this.#steps.clear();
    this.#steps.add(id);
    this.#stepCount += 1;
  }

  message(text: string): void {
    if (text.trim() === '') return;
    this.finalMessage = clip(text, TEXT_LIMITS.message);
    this.#events.push({
      type: 'message',
      data: { role: 'agent', text: this.finalMessage },
    });
  }

  /** The program waits and tries again; some failures no retry mends. */
  retrying(message: string, words: ErrorWords): void {
    const failure = classify(this.#words, words);
    if (failure.permanent) this.#failure = failure;
    else this.#obstacle = failure;
    this.#events.push({
      type: 'status',
      data: {
        status: 'running',
        phase: 'agent_running',
        message: clip(message, TEXT_LIMITS.failure),
      },
    });
  }

  tool({ id, name, status, title, path }: ToolCall): void {
    this.#events.push({
      type: 'tool',
      data: {
        id: clip(id, TEXT_LIMITS.id),
        name: clip(name, TEXT_LIMITS.title),
        status,
        ...(title !== undefined && { title: titleOf(title) }),
        ...(path !== undefined && { path: eventPath(path) }),
      },
    });
  }

  /** Counts how often in a row the same call is made. */
  called(name: string, input: unknown): void {
    const tool = fingerprint(name, input);
    this.#sameToolInARow =
      tool === this.#lastTool ? this.#sameToolInARow + 1 : 1;
    this.#lastTool = tool;
  }

  file(path: string, change: FileChange['change']): void {
    this.#events.push({
      type: 'file',
      data: { path: eventPath(path), change },
    });
  }

  /** What this task took so far; replaces what was said before. */
  usage(tokens: TokenCounts, costUsd: number | undefined): void {
    this.tokens = tokens;
    this.costUsd = costUsd;
    this.#events.push({
      type: 'usage',
      data: {
        ...tokens,
        ...(costUsd !== undefined && { cost_usd: costUsd }),
      },
    });
  }

  raw(text: string): void {
    this.#events.push({
      type: 'raw',
      data: { text: clip(text, TEXT_LIMITS.raw) },
    });
  }

  /** A failure that the user is told about, once. One that no retry mends is replaced by none of another kind. */
  fail(words: ErrorWords): void {
    const known = this.#failure;
    const failure = classify(this.#words, words);
    if (known?.permanent === true && known.reason !== failure.reason) return;
    this.#failure = failure;
    if (this.#told === failure.message) return;
    this.#told = failure.message;
    this.#events.push({
      type: 'message',
      data: { role: 'agent_error', text: failure.message },
    });
  }

  succeed(): void {
    this.completed = true;
    this.#failure = undefined;
    this.#obstacle = undefined;
  }

  get summary(): AgentSummary {
    return {
      session: this.#session(),
      sessionUnknown: this.sessionUnknown,
      finalMessage: this.finalMessage,
      tokens: this.tokens,
      costUsd: this.costUsd,
      steps: this.#stepCount,
      completed: this.completed,
      failure: this.#failure ?? this.#obstacle,
      sameToolInARow: this.#sameToolInARow,
      suspiciousSteps: this.suspiciousSteps,
    };
  }

  #session(): AgentSession | undefined {
    if (this.sessionId === undefined) return undefined;
    const same =
      this.previous?.id === this.sessionId ? this.previous : undefined;
    const cost =
      this.sessionCostUsd ??
      (this.costUsd === undefined
        ? same?.cost_usd
        : (same?.cost_usd ?? 0) + this.costUsd);
    return {
      id: this.sessionId,
      tokens:
        this.sessionTokens ?? addTokens(same?.tokens ?? NO_TOKENS, this.tokens),
      ...(cost !== undefined && { cost_usd: cost }),
    };
  }
}
