import type { ProcessState } from '@sandboxed/agent';
import type { AgentSummary } from '@sandboxed/coding-agents';
import { NO_TOKENS, TASK_LIMITS } from '@sandboxed/domain';
import type { ProgramRun } from './run-program.ts';
import { overLimit } from './run-program.ts';
import { judge } from './verdict.ts';

const summary: AgentSummary = {
  session: { id: 's' },
  sessionUnknown: false,
  finalMessage: 'done',
  tokens: NO_TOKENS,
  costUsd: undefined,
  steps: 1,
  completed: true,
  failure: undefined,
  sameToolInARow: 0,
  suspiciousSteps: 0,
};
const process: ProcessState = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  status: 'exited',
  exit_code: 0,
  timed_out: false,
  truncated: false,
  started_at_ms: 0,
};
const task = {
  agent: 'codex',
  timeout_seconds: 60,
  idle_timeout_seconds: 30,
  max_steps: 5,
} as const;
const run = (
  changes: {
    summary?: Partial<AgentSummary>;
    process?: Partial<ProcessState>;
    cause?: ProgramRun['cause'];
  } = {},
): ProgramRun => ({
  summary: { ...summary, ...changes.summary },
  process: { ...process, ...changes.process },
  cause: changes.cause,
});
const failure = {
  reason: 'provider_auth',
  message: 'bad key',
  permanent: true,
} as const;

describe('the verdict on a coding agent', () => {
  it('is none when the agent says that it is done', () => {
    expect(judge(run(), task)).toBeUndefined();
  });

  it.each([
    ['cancelled', run({ cause: 'cancelled', process: { exit_code: 143 } })],
    ['sandbox_stopped', run({ process: { error: 'sandbox_stopped' } })],
    ['agent_idle', run({ cause: 'agent_idle', process: { exit_code: 130 } })],
    ['step_limit', run({ cause: 'step_limit' })],
    ['agent_loop', run({ cause: 'agent_loop' })],
    ['output_limit', run({ process: { truncated: true } })],
    ['agent_timeout', run({ process: { timed_out: true, exit_code: 143 } })],
    ['provider_auth', run({ summary: { failure }, cause: 'provider' })],
    ['agent_error', run({ summary: { sessionUnknown: true, failure } })],
    ['agent_error', run({ process: { exit_code: 137 } })],
    ['agent_error', run({ process: { exit_code: 1 } })],
    ['agent_error', run({ summary: { completed: false } })],
  ])('is %s', (reason, ended) => {
    expect(judge(ended, task)?.reason).toBe(reason);
  });

  it("repeats the provider's own words", () => {
    expect(judge(run({ summary: { failure } }), task)?.message).toBe('bad key');
  });
});

describe('a program that goes on', () => {
  const over = (changes: Partial<AgentSummary>, characters = 0) =>
    overLimit({ ...summary, ...changes }, task, characters);

  it('is left alone within its limits', () => {
    expect(over({ steps: task.max_steps })).toBeUndefined();
    expect(
      over({ sameToolInARow: TASK_LIMITS.repeats.tool - 1 }),
    ).toBeUndefined();
    expect(over({ failure: { ...failure, permanent: false } })).toBeUndefined();
  });

  it.each([
    ['provider', over({ failure })],
    ['step_limit', over({ steps: task.max_steps + 1 })],
    ['agent_loop', over({ sameToolInARow: TASK_LIMITS.repeats.tool })],
    ['agent_loop', over({ suspiciousSteps: 3 })],
    ['output_limit', over({}, TASK_LIMITS.outputBytes)],
  ])('is ended for %s', (expected, cause) => {
    expect(cause).toBe(expected);
  });
});
