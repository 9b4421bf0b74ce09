import type { HostMemory, JobPayload, SandboxId } from '@sandboxed/domain';
import {
  EMERGENCY_REASON,
  PRESSURE_ACTOR,
  taskPayloadSchema,
  taskResultSchema,
} from '@sandboxed/domain';
import { exit, piece, scriptedAgent } from './scripted-agent.ts';
import type { World } from './support.ts';
import {
  cleanUp,
  newSandbox,
  runningSandbox,
  submit,
  until,
  world,
} from './support.ts';

afterEach(cleanUp);

const EXEC = { shell: 'true', timeout_seconds: 60, background: false };
const TASK = taskPayloadSchema.parse({ agent: 'codex', prompt: 'x' });
const MINUTE = 60_000;

/** Percent of the host's memory that is available. */
const left = (percent: number): HostMemory => ({
  totalMb: 1_000,
  availableMb: percent * 10,
});

function pressed(
  band: 'high' | 'emergency',
  interrupted = 0,
): JobPayload<'stop'> {
  return {
    force: interrupted > 0,
    if_pressed: {
      band,
      available_mb: 40,
      total_mb: 1_000,
      last_active_at: 1,
      interrupted,
    },
  };
}

/** A world in which a minute has gone by since the sandboxes were made. */
const later = (host: HostMemory): World =>
  world({ hostMemory: () => host, now: () => Date.now() + MINUTE });

describe('a stop for memory', () => {
  it('takes an idle sandbox while memory is short, and its reason goes with it', async () => {
    const place = later(left(14));
    const id = runningSandbox(place);
    const stop = submit(place, id, 'stop', pressed('high'));
    await place.runner().run(stop);
    const reason =
      'idle, and the host was short of memory (40 of 1000 MiB were left)';
    expect(place.store.jobs.get(stop)?.result).toEqual({
      status: 'stopped',
      reason,
    });
    expect(place.store.sandboxes.get(id)).toMatchObject({
      state: 'stopped',
      state_reason: reason,
    });
    const states = place.store.events
      .after({ sandboxId: id }, 0, 100)
      .filter(({ type }) => type === 'state')
      .map(({ data }) => [data['to'], data['reason']]);
    expect(states.slice(-2)).toEqual([
      ['stopping', reason],
      ['stopped', reason],
    ]);
  });

  it.each<[string, number, (place: World, id: SandboxId) => void]>([
    ['memory is enough again', 21, () => undefined],
    [
      'work came behind it',
      14,
      (place, id) => {
        submit(place, id, 'exec', EXEC);
      },
    ],
    [
      'it is active again',
      14,
      ({ store }, id) => {
        store.sandboxes.touch(id, Date.now() + MINUTE);
      },
    ],
    [
      'it is kept alive',
      14,
      ({ store }, id) => {
        store.sandboxes.keepAlive(id, Date.now() + 2 * MINUTE);
      },
    ],
    [
      'it is to be always on',
      14,
      ({ store }, id) => {
        store.sandboxes.patch(id, { idle_policy: 'always_on' }, Date.now());
      },
    ],
  ])('is not followed when %s', async (_case, percent, meanwhile) => {
    const place = later(left(percent));
    const id = runningSandbox(place);
    const stop = submit(place, id, 'stop', pressed('high'));
    meanwhile(place, id);
    await place.runner().run(stop);
    expect(place.store.jobs.get(stop)?.result).toMatchObject({
      status: 'running',
    });
    expect(place.store.sandboxes.get(id)?.state).toBe('running');
  });

  it.each([
    ['high', 14, 1],
    ['emergency', 4, 0],
  ] as const)(
    'asks the edge first in the band %s, unless that is an emergency',
    async (band, percent, times) => {
      const place = later(left(percent));
      const id = runningSandbox(place);
      let asked = 0;
      const edge = {
        ...place.deps.edge,
        read: () => {
          asked += 1;
          return Promise.resolve();
        },
      };
      const stop = submit(place, id, 'stop', pressed(band));
      await place.runner({ edge }).run(stop);
      expect(place.store.jobs.get(stop)?.result).toMatchObject({
        status: 'stopped',
      });
      expect(asked).toBe(times);
    },
  );

  it('is followed while a start waits, although memory is not short', async () => {
    const place = later(left(21));
    const waits = submit(place, newSandbox(place), 'create', {});
    await place.runner().run(waits);
    expect(place.store.starts.isWaiting(waits)).toBe(true);
    const id = runningSandbox(place);
    await place.runner().run(submit(place, id, 'stop', pressed('high')));
    expect(place.store.sandboxes.get(id)?.state).toBe('stopped');
  });
});

describe('an emergency stop', () => {
  it('takes what is in use, whatever it wants, and says why', async () => {
    const place = later(left(4));
    const id = runningSandbox(place, { idle_policy: 'always_on' });
    place.store.sandboxes.touch(id, Date.now() + MINUTE);
    submit(place, id, 'stop', pressed('emergency'));
    const [stop] = place.store.jobs.mailbox(id);
    if (stop === undefined) throw new Error('no stop');
    await place.runner().run(stop.id);
    expect(place.store.sandboxes.get(id)).toMatchObject({
      state: 'stopped',
      state_reason: `${EMERGENCY_REASON} (40 of 1000 MiB were left)`,
    });
  });

  it('is taken back when memory came free, unless work was ended for it', async () => {
    const place = later(left(21));
    const [kept, ended] = [runningSandbox(place), runningSandbox(place)];
    await place.runner().run(submit(place, kept, 'stop', pressed('emergency')));
    await place
      .runner()
      .run(submit(place, ended, 'stop', pressed('emergency', 1)));
    expect(place.store.sandboxes.get(kept)?.state).toBe('running');
    expect(place.store.sandboxes.get(ended)?.state).toBe('stopped');
  });

  it('makes the task that it ends fail, with memory for its reason', async () => {
    const place = world({ hostMemory: () => left(4) });
    const { store } = place;
    const id = runningSandbox(place);
    const task = submit(place, id, 'task', TASK);
    const asked = await scriptedAgent(place, id, () => task, {
      output(step, response) {
        if (step === 'program')
          response.write(piece({ type: 'turn.started' }, 10));
        else response.end(exit());
      },
    });
    const runner = place.runner();
    const run = runner.run(task);
    await until(() => asked.includes('follow program'));
    const stop = submit(place, id, 'stop', pressed('emergency', 1));
    store.jobs.requestCancel(task, { actor: PRESSURE_ACTOR, now: Date.now() });
    runner.cancelled(task);
    await run;
    expect(store.jobs.get(task)).toMatchObject({
      status: 'failed',
      error: { code: 'task_failed', message: EMERGENCY_REASON },
    });
    expect(taskResultSchema.parse(store.jobs.get(task)?.result)).toMatchObject({
      status: 'failed',
      failure_reason: 'sandbox_stopped',
      error_message: EMERGENCY_REASON,
    });
    await runner.run(stop);
    expect(store.sandboxes.get(id)?.state).toBe('stopped');
  }, 30_000);

  it('makes the command that it ends fail, with memory for its reason', async () => {
    const place = world({ hostMemory: () => left(4) });
    const { store } = place;
    const id = runningSandbox(place);
    const exec = submit(place, id, 'exec', EXEC);
    const asked = await scriptedAgent(place, id, () => exec, {
      output(_step, response) {
        if (asked.includes('SIGTERM program')) response.end(exit());
        else response.write(piece('begun', 10));
      },
    });
    const runner = place.runner();
    const run = runner.run(exec);
    await until(() => asked.includes('follow program'));
    submit(place, id, 'stop', pressed('emergency', 1));
    store.jobs.requestCancel(exec, { actor: PRESSURE_ACTOR, now: Date.now() });
    runner.cancelled(exec);
    await run;
    expect(store.jobs.get(exec)).toMatchObject({
      status: 'failed',
      error: { code: 'sandbox_not_running', message: EMERGENCY_REASON },
    });
  }, 30_000);
});
