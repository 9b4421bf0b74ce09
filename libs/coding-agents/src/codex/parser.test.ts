import { eventsOf, readCase, readPieces } from '../../test/fixtures.ts';
import { codex } from './adapter.ts';

const line = (value: unknown) => ({
  stream: 'stdout' as const,
  text: `${JSON.stringify(value)}\n`,
});
const usage = (input: number, output: number) =>
  line({
    type: 'turn.completed',
    usage: { input_tokens: input, output_tokens: output },
  });
const thread = line({ type: 'thread.started', thread_id: 't' });
const tokens = (input: number) => ({
  ...{ input, output: 0, reasoning: 0 },
  ...{ cache_read: 0, cache_write: 0, total: input },
});

describe('the output of Codex', () => {
  it.each(['malformed-eof', 'malformed-html', 'malformed-cut'])(
    'fails on %s for the provider',
    (name) => {
      expect(readCase('codex', name).summary).toMatchObject({
        completed: false,
        failure: { reason: 'provider_error', permanent: false },
      });
    },
  );

  it('ends well after a line of broken JSON: it ignores it', () => {
    expect(readCase('codex', 'malformed-json').summary.completed).toBe(true);
  });

  it('takes "Reconnecting" for progress and the same words without it for the end', () => {
    const got = readCase('codex', '529');
    expect(eventsOf(got, 'status').length).toBeGreaterThan(1);
    expect(eventsOf(got, 'message').map(({ data }) => data.role)).toEqual([
      'agent_error',
    ]);
  });

  it('takes an item of an error for a warning', () => {
    const got = readCase('codex', 'unknown-model');
    expect(got.summary.failure).toBeUndefined();
    expect(eventsOf(got, 'raw')).toEqual([
      { type: 'raw', data: { text: expect.stringContaining('metadata') } },
    ]);
  });

  it('counts from the totals of the thread only what is new', () => {
    const read = (session?: {
      id: string;
      tokens: ReturnType<typeof tokens>;
    }) =>
      readPieces(codex.read(session), [thread, usage(700, 7)], { exitCode: 0 })
        .summary;
    expect(read().tokens.total).toBe(707);
    const resumed = read({ id: 't', tokens: tokens(500) });
    expect(resumed.tokens.total).toBe(207);
    expect(resumed.session?.tokens?.total).toBe(707);
    expect(read({ id: 'other', tokens: tokens(500) }).tokens.total).toBe(707);
    expect(read({ id: 't', tokens: tokens(900) }).tokens).toMatchObject({
      input: 0,
      output: 7,
    });
  });

  it('keeps 256 KiB of a message', () => {
    const item = { id: 'i', type: 'agent_message', text: 'x'.repeat(300_000) };
    const got = readPieces(
      codex.read(undefined),
      [line({ type: 'item.completed', item })],
      { exitCode: 0 },
    );
    expect(got.summary.finalMessage).toHaveLength(256 * 1024);
    expect(eventsOf(got, 'message').at(0)?.data.text).toBe(
      got.summary.finalMessage,
    );
  });

  it('shows an item that it does not know as it is', () => {
    const unknown = {
      type: 'item.completed',
      item: { id: 'i', type: 'of_tomorrow' },
    };
    const got = readPieces(codex.read(undefined), [line(unknown)], {
      exitCode: 0,
    });
    expect(eventsOf(got, 'raw').map(({ data }) => data.text)).toEqual([
      JSON.stringify(unknown),
    ]);
  });

  it.each([
    ["/bin/bash -lc 'cat a.txt'", 'cat a.txt'],
    ['bash -c "ls"', 'ls'],
    ['/bin/bash -lc ls', 'ls'],
    ['python3 a.py', 'python3 a.py'],
  ])('shows the command %s as %s', (command, title) => {
    const item = { id: 'i', type: 'command_execution', command };
    const got = readPieces(
      codex.read(undefined),
      [line({ type: 'item.started', item })],
      { exitCode: 0 },
    );
    expect(eventsOf(got, 'tool').map(({ data }) => data.title)).toEqual([
      title,
    ]);
  });
});
