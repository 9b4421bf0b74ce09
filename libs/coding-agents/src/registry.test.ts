import fc from 'fast-check';
import type { AgentName } from '@sandboxed/domain';
import { AGENT_NAMES, EVENTS } from '@sandboxed/domain';
import type { Piece } from '../test/fixtures.ts';
import {
  eventsOf,
  FIXTURES,
  fixturesOf,
  read,
  readCase,
  readPieces,
} from '../test/fixtures.ts';
import { CODING_AGENTS } from './index.ts';

const titles = FIXTURES.map(
  (fixture) => [fixture.agent, fixture.version, fixture.name, fixture] as const,
);

/** Text of one stream, cut at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.map((place) => place % (text.length + 1))]
    .sort((a, b) => a - b)
    .concat(text.length);
  return sorted
    .slice(1)
    .map((end, index) => text.slice(sorted[index], end))
    .filter((piece) => piece !== '');
}

describe.each(titles)('%s %s, %s', (agent, _version, _name, fixture) => {
  it('reads as events of the known kinds, and leaves no line unread', () => {
    const { events } = read(fixture);
    for (const { type, data } of events) EVENTS[type].parse(data);
    const raw = events.filter(({ type }) => type === 'raw');
    const stdout = fixture.pieces.filter(({ stream }) => stream === 'stdout');
    const unread = raw.filter(({ data }) =>
      stdout.some(({ text }) => 'text' in data && text.startsWith(data.text)),
    );
    expect(unread).toEqual([]);
  });

  it('reads the same in any chunking', () => {
    const whole = read(fixture);
    const text = fixture.pieces
      .filter(({ stream }) => stream === 'stdout')
      .map((piece) => piece.text)
      .join('');
    const stderr = fixture.pieces.filter(({ stream }) => stream === 'stderr');
    const inOrder = readPieces(
      CODING_AGENTS[agent].read(fixture.session),
      [{ stream: 'stdout', text }, ...stderr],
      fixture.exit,
    );
    expect(inOrder.summary).toEqual(whole.summary);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (places) => {
        const chunks = cut(text, places).map((chunk): Piece => ({
          stream: 'stdout',
          text: chunk,
        }));
        const reader = CODING_AGENTS[agent].read(fixture.session);
        expect(
          readPieces(reader, [...chunks, ...stderr], fixture.exit),
        ).toEqual(inOrder);
      }),
      { numRuns: 15 },
    );
  });

  it('says the same with garbage between its lines', () => {
    const { summary, events } = read(fixture);
    const garbage = fc
      .oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom('null', '{}', '[]', '{"type":1}', '{"type":"text"}'),
        fc.constant('{"type":"result","usage":"none"'),
        fc.constant(
          `{"type":"error_of_tomorrow","text":"${'x'.repeat(9_000)}"}`,
        ),
      )
      .filter((line) => !line.includes('\n'))
      .map((line): Piece => ({ stream: 'stdout', text: `${line}\n` }));
    fc.assert(
      fc.property(
        fc.array(garbage, { maxLength: 5 }),
        fc.nat(),
        (lines, at) => {
          const place = at % (fixture.pieces.length + 1);
          const got = readPieces(
            CODING_AGENTS[agent].read(fixture.session),
            fixture.pieces.toSpliced(place, 0, ...lines),
            fixture.exit,
          );
          expect(got.summary).toEqual(summary);
          const shown = (all: typeof events) =>
            all.filter(({ type }) => type !== 'raw');
          expect(shown(got.events)).toEqual(shown(events));
          for (const { data } of eventsOf(got, 'raw'))
            expect(data.text.length).toBeLessThanOrEqual(4096);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe.each([...AGENT_NAMES])('%s', (agent) => {
  const summaryOf = (name: string) => readCase(agent, name).summary;

  it('tells of a file it wrote, of its last words and of its session', () => {
    const written = readCase(agent, 'write');
    expect(eventsOf(written, 'file')).toEqual([
      { type: 'file', data: { path: 'index.html', change: 'added' } },
    ]);
    expect(eventsOf(written, 'message')).toEqual([
      { type: 'message', data: { role: 'agent', text: 'The page is there.' } },
    ]);
    expect(written.summary).toMatchObject({
      completed: true,
      failure: undefined,
      finalMessage: 'The page is there.',
      steps: 2,
      tokens: { input: 1800, output: 40, cache_read: 200, total: 2040 },
      session: { tokens: { total: 2040 } },
    });
  });

  it('counts only its own tokens and cost when a session goes on', () => {
    const [fixture] = fixturesOf(agent, 'continued');
    const { tokens, costUsd, session, finalMessage } = summaryOf('continued');
    expect(finalMessage).toContain('RECALL prompts=2');
    expect(tokens).toMatchObject({ input: 500, output: 10, total: 510 });
    expect(session?.id).toBe(fixture?.session?.id);
    expect(session?.tokens?.total).toBe(2550);
    const before = fixture?.session?.cost_usd;
    if (before === undefined) expect(costUsd).toBeUndefined();
    else expect(session?.cost_usd).toBeCloseTo(before + (costUsd ?? 0), 9);
  });

  it('tells how each tool ended', () => {
    const tools = eventsOf(readCase(agent, 'tools'), 'tool').map(
      ({ data }) => data,
    );
    const ended = tools.filter(({ status }) => status !== 'running');
    expect(ended.map(({ status }) => status)).toEqual([
      ...['completed', 'completed', 'completed', 'completed', 'failed'],
    ]);
    expect(ended.at(0)).toMatchObject({ path: 'notes/a.txt' });
    expect(ended.at(3)).toMatchObject({ title: 'cat notes/a.txt' });
    expect(summaryOf('tools').completed).toBe(true);
  });

  it('works with a model that it does not know', () => {
    expect(summaryOf('unknown-model').completed).toBe(true);
  });

  it.each([
    ['401', 'provider_auth', true],
    ['402', 'provider_quota', true],
    ['403', 'provider_auth', true],
    ['quota', 'provider_quota', true],
    ['429', 'provider_error', false],
    ['529', 'provider_error', false],
    ['stream-error', 'provider_error', false],
    ['missing-key', 'provider_auth', true],
  ])('fails on %s with %s (permanent: %s)', (name, reason, permanent) => {
    expect(summaryOf(name)).toMatchObject({
      completed: false,
      failure: { reason, permanent },
    });
  });

  it('gets over one 429', () => {
    expect(summaryOf('429-once')).toMatchObject({
      completed: true,
      failure: undefined,
    });
  });

  it('does not take an interrupted run for a finished one', () => {
    expect(summaryOf('interrupted')).toMatchObject({
      completed: false,
      failure: { reason: 'agent_error', permanent: false },
    });
  });

  it('tells that the session to continue is not known', () => {
    expect(summaryOf('unknown-session').sessionUnknown).toBe(true);
    expect(summaryOf('write').sessionUnknown).toBe(false);
  });

  it('keeps the words of the provider', () => {
    expect(summaryOf('401').failure?.message).toContain(
      'invalid api key (scripted)',
    );
    expect(summaryOf('402').failure?.message).toContain(
      'payment required (scripted)',
    );
  });

  it('knows a failure that no retry mends before the program gives up', () => {
    const [fixture] = fixturesOf(agent, '401');
    if (fixture === undefined) throw new Error('no run');
    const reader = CODING_AGENTS[agent].read(undefined);
    const known = fixture.pieces.findIndex(({ stream, text }) => {
      reader.push(stream, text);
      return reader.summary.failure?.permanent === true;
    });
    expect(known).toBeGreaterThanOrEqual(0);
    expect(known).toBeLessThan(agent === 'opencode' ? 1 : 4);
  });
});

describe('every coding agent', () => {
  it.each(Object.entries(CODING_AGENTS))(
    '%s has its own name',
    (name, agent) => {
      expect(agent.name).toBe(name);
    },
  );

  it.each<AgentName>([...AGENT_NAMES])(
    '%s: cuts a line that is too long to be read',
    (name) => {
      const reader = CODING_AGENTS[name].read(undefined);
      const events = [
        ...reader.push('stdout', 'x'.repeat(17 * 1024 * 1024)),
        ...reader.push('stdout', 'more\n'),
      ];
      expect(events).toEqual([
        { type: 'raw', data: { text: 'x'.repeat(4096) } },
      ]);
    },
  );
});
