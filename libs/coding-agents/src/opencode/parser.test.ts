import {
  eventsOf,
  fixturesOf,
  readCase,
  readPieces,
} from '../../test/fixtures.ts';
import { openCode } from './adapter.ts';

const line = (value: unknown) => ({
  stream: 'stdout' as const,
  text: `${JSON.stringify(value)}\n`,
});
const step = (reason: string, tokens = {}) => [
  line({ type: 'step_start', sessionID: 's', part: { id: reason } }),
  line({
    type: 'step_finish',
    part: {
      reason,
      cost: 0.25,
      tokens: {
        ...{ input: 10, output: 5, reasoning: 2, cache: { read: 3, write: 4 } },
        ...tokens,
      },
    },
  }),
];
const read = (...pieces: ReturnType<typeof line>[]) =>
  readPieces(openCode.read(undefined), pieces, { exitCode: 0 });

describe('the output of OpenCode', () => {
  it.each(['malformed-html', 'malformed-eof'])(
    'shows the endless loop of %s as suspicious steps',
    (name) => {
      const { summary } = readCase('opencode', name);
      expect(summary.suspiciousSteps).toBeGreaterThanOrEqual(3);
      expect(summary.completed).toBe(false);
    },
  );

  it.each(['malformed-json', 'malformed-cut'])(
    'fails on %s for the provider',
    (name) => {
      expect(readCase('opencode', name).summary).toMatchObject({
        completed: false,
        failure: { reason: 'provider_error', permanent: false },
      });
    },
  );

  it('knows a used up quota at the first refusal, which its log alone tells of', () => {
    const first = fixturesOf('opencode', 'quota')[0]?.pieces[0];
    const reader = openCode.read(undefined);
    const events = reader.push('stderr', first?.text ?? '');
    expect(events).toMatchObject([{ type: 'status' }]);
    expect(reader.summary.failure).toMatchObject({
      reason: 'provider_quota',
      permanent: true,
    });
  });

  it('adds up tokens and cost of its steps', () => {
    const { summary } = read(...step('tool-calls'), ...step('stop'));
    expect(summary).toMatchObject({
      completed: true,
      steps: 2,
      costUsd: 0.5,
      tokens: {
        ...{ input: 20, output: 14, reasoning: 4 },
        ...{ cache_read: 6, cache_write: 8, total: 48 },
      },
    });
  });

  it('counts reasoning once when the total says that the output has it', () => {
    const { tokens } = read(...step('stop', { total: 22 })).summary;
    expect(tokens).toMatchObject({ output: 5, reasoning: 2, total: 22 });
  });

  it('forgets suspicious steps when one ends well', () => {
    const steps = [...step('unknown'), ...step('unknown')];
    expect(read(...steps).summary.suspiciousSteps).toBe(2);
    expect(read(...steps, ...step('stop')).summary.suspiciousSteps).toBe(0);
  });

  it('is not complete when the last answer was cut short, or an error came', () => {
    expect(read(...step('length')).summary.completed).toBe(false);
    expect(
      read(...step('stop'), line({ type: 'error', error: 'no' })).summary,
    ).toMatchObject({ completed: false, failure: { reason: 'agent_error' } });
  });

  it('names the files of a patch', () => {
    const files = [
      { filePath: '/home/sandbox/workspace/app/a.ts', type: 'add' },
      { filePath: '/home/sandbox/workspace/app/b.ts', type: 'update' },
      { filePath: '/home/sandbox/workspace/app/c.ts', type: 'delete' },
    ];
    const state = { status: 'completed', input: {}, metadata: { files } };
    const part = { tool: 'apply_patch', callID: 'c', state };
    expect(
      eventsOf(read(line({ type: 'tool_use', part })), 'file').map(
        ({ data }) => data,
      ),
    ).toEqual([
      { path: 'a.ts', change: 'added' },
      { path: 'b.ts', change: 'modified' },
      { path: 'c.ts', change: 'deleted' },
    ]);
  });

  it('counts calls of a tool that are the same, and starts again at another', () => {
    const call = (command: string) =>
      line({
        type: 'tool_use',
        part: {
          tool: 'bash',
          callID: 'c',
          state: { status: 'completed', input: { command } },
        },
      });
    expect(
      read(call('ls'), call('ls'), call('ls')).summary.sameToolInARow,
    ).toBe(3);
    expect(
      read(call('ls'), call('ls'), call('pwd')).summary.sameToolInARow,
    ).toBe(1);
  });
});
