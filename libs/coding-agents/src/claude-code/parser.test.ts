import type { AgentSession } from '@sandboxed/domain';
import {
  eventsOf,
  fixturesOf,
  readCase,
  readPieces,
} from '../../test/fixtures.ts';
import { claudeCode } from './adapter.ts';

const line = (value: unknown) => ({
  stream: 'stdout' as const,
  text: `${JSON.stringify(value)}\n`,
});
const result = (more: object) =>
  line({ type: 'result', subtype: 'success', session_id: 's', ...more });
const read = (
  pieces: ReturnType<typeof line>[],
  session?: AgentSession,
  exitCode = 0,
) => readPieces(claudeCode.read(session), pieces, { exitCode });

describe('the output of Claude Code', () => {
  it.each(['malformed-json', 'malformed-eof', 'malformed-cut'])(
    'ends well after %s: it asks again',
    (name) => {
      expect(readCase('claude-code', name).summary.completed).toBe(true);
    },
  );

  it('fails on a page instead of an answer for the provider', () => {
    expect(readCase('claude-code', 'malformed-html').summary).toMatchObject({
      completed: false,
      failure: { reason: 'provider_error', permanent: false },
    });
  });

  it('keeps no more of a final message than of any other', () => {
    const { summary } = read([
      result({ is_error: false, result: 'x'.repeat(3_000_000) }),
    ]);
    expect(summary.finalMessage).toHaveLength(256 * 1024);
  });

  it('believes no count or price that would spoil the sums', () => {
    const usage = { input_tokens: Number.MAX_SAFE_INTEGER, output_tokens: 1 };
    const { summary } = read([
      result({ is_error: false, result: 'x', total_cost_usd: 1e308, usage }),
    ]);
    expect(Number.isSafeInteger(summary.tokens.total)).toBe(true);
    expect(summary.session?.cost_usd ?? 0).toBeLessThan(1e7);
  });

  it('is no success when only the subtype says so', () => {
    const { summary } = read(
      [result({ is_error: true, result: 'no' })],
      undefined,
      1,
    );
    expect(summary).toMatchObject({
      completed: false,
      failure: { reason: 'agent_error' },
    });
    expect(
      read([result({ is_error: true, result: 'no' })]).summary.completed,
    ).toBe(false);
    expect(
      read([result({ result: 'no word of an error' })]).summary.completed,
    ).toBe(false);
  });

  it('takes the cost of earlier runs out of the total of a resumed session', () => {
    const session = { id: 's', cost_usd: 0.5 };
    const { summary } = read(
      [result({ is_error: false, total_cost_usd: 0.75 })],
      session,
    );
    expect(summary.costUsd).toBeCloseTo(0.25, 9);
    expect(summary.session?.cost_usd).toBe(0.75);
  });

  it('believes a total that began anew', () => {
    const session = { id: 's', cost_usd: 0.5 };
    const { summary } = read(
      [result({ is_error: false, total_cost_usd: 0.2 })],
      session,
    );
    expect(summary.costUsd).toBe(0.2);
  });

  it('counts the tokens of a run that was killed before its result', () => {
    const [fixture] = fixturesOf('claude-code', 'write');
    const pieces =
      fixture?.pieces.filter(({ text }) => !text.includes('"result"')) ?? [];
    const { summary } = readPieces(claudeCode.read(undefined), pieces, {
      exitCode: 137,
      signal: 'SIGKILL',
    });
    expect(summary).toMatchObject({
      completed: false,
      failure: { reason: 'agent_error' },
      tokens: { input: 1800, output: 40, cache_read: 200 },
    });
  });

  it('tells of a retry, which is no failure once the model answers', () => {
    const once = readCase('claude-code', '429-once');
    expect(eventsOf(once, 'status').map(({ data }) => data.message)).toEqual([
      'Trying again (1 of 3): the provider answered 429 (rate_limit)',
    ]);
    expect(eventsOf(once, 'message').map(({ data }) => data.role)).toEqual([
      'agent',
    ]);
  });

  it('has one word about an error that it prints twice', () => {
    expect(
      eventsOf(readCase('claude-code', '402'), 'message').map(
        ({ data }) => data.role,
      ),
    ).toEqual(['agent_error']);
  });

  it('shows what it does not know as it is', () => {
    const unknown = { type: 'system', subtype: 'of_tomorrow' };
    expect(
      eventsOf(read([line(unknown)]), 'raw').map(({ data }) => data.text),
    ).toEqual([JSON.stringify(unknown)]);
  });

  it('keeps words of subagents out of its messages', () => {
    const said = (id: string, parent: string | null) =>
      line({
        type: 'assistant',
        parent_tool_use_id: parent,
        message: { id, content: [{ type: 'text', text: id }] },
      });
    const got = read([said('main', null), said('sub', 'toolu_1')]);
    expect(got.summary.finalMessage).toBe('main');
    expect(got.summary.steps).toBe(2);
  });
});
