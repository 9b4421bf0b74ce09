import type { FindingKind } from './finding.ts';
import { parseSandboxId } from './ids.ts';
import type { SeenContainer } from './reconcile.ts';
import { judgeAgent, judgeContainers } from './reconcile.ts';
import type { SandboxState } from './sandbox.ts';
import { SANDBOX_STATES, TRANSITIONS } from './sandbox.ts';

const id = parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV') ?? never();
const NAME = 's-01arz3ndektsv4rrffq69g5fav';

function never(): never {
  throw new Error('no id');
}

const row = (state: SandboxState) => ({ id, state, generation: 2 });

function container(changes: Partial<SeenContainer> = {}): SeenContainer {
  return {
    dockerId: 'a',
    name: NAME,
    generation: 2,
    specHash: 'made',
    running: true,
    paused: false,
    exitCode: 0,
    oomKilled: false,
    ...changes,
  };
}

/** The table in words: event and kind, or `-`. */
const words = (
  mend: { event: string; kind: FindingKind } | undefined,
): string => (mend === undefined ? '-' : `${mend.event} ${mend.kind}`);

const exited = container({ running: false, exitCode: 137 });
const oom = container({ running: false, exitCode: 137, oomKilled: true });

describe('a sandbox whose container does not run', () => {
  it.each<[SandboxState, string, string, string, string]>([
    // state, gone, exited, out of memory, another's container has the name
    [
      'creating',
      'fail state_stuck',
      'fail state_stuck',
      'fail state_stuck',
      'fail state_stuck',
    ],
    [
      'starting',
      'exited state_stuck',
      'exited state_stuck',
      'exited state_stuck',
      'exited state_stuck',
    ],
    [
      'running',
      'exited container_gone',
      'exited container_exited',
      'exited container_oom_killed',
      'exited container_replaced',
    ],
    [
      'stopping',
      'exited state_stuck',
      'exited state_stuck',
      'exited state_stuck',
      'exited state_stuck',
    ],
    ['stopped', '-', '-', '-', '-'],
    [
      'deleting',
      'fail state_stuck',
      'fail state_stuck',
      'fail state_stuck',
      'fail state_stuck',
    ],
    ['error', '-', '-', '-', '-'],
  ])('and is %s', (state, ...expected) => {
    const judged = [
      judgeContainers(id, row(state), []),
      judgeContainers(id, row(state), [exited]),
      judgeContainers(id, row(state), [oom]),
      judgeContainers(id, row(state), [], true),
    ];
    expect(judged.map(({ state: mend }) => words(mend))).toEqual(expected);
    for (const { containers, running } of judged) {
      expect(containers).toEqual([]);
      expect(running).toBe(false);
    }
  });

  it('says how it ended', () => {
    const reasonOf = (found: SeenContainer[]) =>
      judgeContainers(id, row('running'), found).state?.reason;
    expect(reasonOf([])).toBe('its container is gone');
    expect(reasonOf([exited])).toBe('its container exited with code 137');
    expect(reasonOf([oom])).toBe('it ran out of memory');
  });
});

describe('a sandbox whose container runs', () => {
  it.each<[SandboxState, string, string, string]>([
    // state, its agent was told its services, was not, does not answer
    [
      'creating',
      'ready state_stuck',
      'boot, ready state_stuck',
      'fail state_stuck',
    ],
    [
      'starting',
      'ready state_stuck',
      'boot, ready state_stuck',
      'fail state_stuck',
    ],
    ['running', '-', 'boot, report container_restarted', '-'],
    [
      'stopping',
      'ready state_stuck',
      'boot, ready state_stuck',
      'ready state_stuck',
    ],
    [
      'stopped',
      'found_running container_started',
      'boot, found_running container_started',
      'report agent_silent',
    ],
    ['deleting', 'fail state_stuck', 'fail state_stuck', 'fail state_stuck'],
    [
      'error',
      'found_running container_started',
      'boot, found_running container_started',
      'report agent_silent',
    ],
    ['deleted', '-', '-', '-'],
  ])('and is %s', (state, ...expected) => {
    const judged = (['booted', 'fresh', 'silent'] as const).map((answer) => {
      const { boot, state: mend, report } = judgeAgent(state, answer);
      const said = [
        boot ? 'boot' : '',
        mend === undefined ? '' : words(mend),
        report === undefined ? '' : `report ${report}`,
      ].filter((word) => word !== '');
      return said.length === 0 ? '-' : said.join(', ');
    });
    expect(judged).toEqual(expected);
  });

  it('keeps its row until its agent was asked', () => {
    expect(judgeContainers(id, row('stopped'), [container()])).toEqual({
      containers: [],
      running: true,
      state: undefined,
    });
  });
});

it('asks for no transition that cannot happen', () => {
  for (const state of SANDBOX_STATES) {
    const mends = [
      ...(state === 'deleted'
        ? []
        : [
            judgeContainers(id, row(state), []).state,
            judgeContainers(id, row(state), [exited]).state,
          ]),
      ...(['booted', 'fresh', 'silent'] as const).map(
        (answer) => judgeAgent(state, answer).state,
      ),
    ];
    for (const mend of mends)
      if (mend !== undefined)
        expect(TRANSITIONS[state]).toHaveProperty(mend.event);
  }
});

describe('containers that are not as they should be', () => {
  const done = (found: SeenContainer[], state: SandboxState = 'running') => {
    const judged = judgeContainers(id, row(state), found);
    return {
      running: judged.running,
      state: words(judged.state),
      mends: judged.containers.map(
        ({ action, kind, dockerId }) => `${action} ${kind} ${dockerId}`,
      ),
    };
  };

  it('are all removed where there is no sandbox', () => {
    expect(
      judgeContainers(id, undefined, [
        container(),
        container({ dockerId: 'b', name: 'other', running: false }),
      ]),
    ).toMatchObject({
      containers: [
        { action: 'removed', kind: 'container_orphan', dockerId: 'a' },
        { action: 'removed', kind: 'container_orphan', dockerId: 'b' },
      ],
      running: false,
      state: undefined,
    });
  });

  it.each([
    ['of another generation', container({ generation: 1 })],
    ['that sandboxed did not make', container({ specHash: undefined })],
  ])('are removed when one %s has its place', (_, replaced) => {
    expect(done([replaced])).toEqual({
      running: false,
      state: 'exited container_replaced',
      mends: ['removed container_replaced a'],
    });
    expect(done([replaced], 'stopped')).toEqual({
      running: false,
      state: '-',
      mends: ['removed container_replaced a'],
    });
  });

  it('are left when they were made from an older spec: the next start brings the new one', () => {
    expect(done([container({ specHash: 'older' })])).toEqual({
      running: true,
      state: '-',
      mends: [],
    });
  });

  it.each([
    ['running', true],
    ['stopped', false],
  ] as const)('get their name back, a %s one too', (state, running) => {
    const renamed = container({ name: 'other', running });
    expect(done([renamed], state)).toEqual({
      running,
      state: '-',
      mends: ['renamed container_renamed a'],
    });
  });

  it('go on when they are paused', () => {
    expect(done([container({ paused: true })])).toEqual({
      running: true,
      state: '-',
      mends: ['unpaused container_paused a'],
    });
  });

  it('are removed when there is a better one: that runs first, that has the name then', () => {
    const renamed = container({ name: 'other' });
    const second = container({ dockerId: 'b' });
    const asleep = container({ dockerId: 'c', running: false });
    expect(done([renamed, second]).mends).toEqual([
      'removed container_surplus a',
    ]);
    expect(done([asleep, renamed]).mends).toEqual([
      'removed container_surplus c',
      'renamed container_renamed a',
    ]);
  });

  it('are judged alike in whatever order they are listed', () => {
    const found = [
      container({ name: 'x', running: false }),
      container({ dockerId: 'b', name: 'y', running: false }),
      container({ dockerId: 'c', name: 'z', generation: 1 }),
    ];
    expect(new Set(done(found).mends)).toEqual(
      new Set(done(found.toReversed()).mends),
    );
  });
});
