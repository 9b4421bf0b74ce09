import type { JobId, JobKind, JobPayload } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';
import { pino } from 'pino';
import {
  EXEC,
  insert,
  submit,
  temporary,
} from '../../../../libs/store/test/open.ts';
import { cancelJob } from './cancel-job.ts';

let place = temporary();
let store: Store;
let published: JobId[];
beforeEach(() => {
  place = temporary();
  store = place.open();
  published = [];
});
afterEach(() => {
  place.clean();
});

function queue<K extends JobKind>(kind: K, payload: JobPayload<K>): JobId {
  return submit(store, insert(store), kind, payload);
}

function run(id: JobId): void {
  if (store.jobs.claim(id, 'worker', 1_000) === undefined)
    throw new Error('the claim was refused');
}

/** Cancels as a route does and returns what became of the job. */
function cancel(id: JobId) {
  const job = store.jobs.get(id);
  if (job === undefined) throw new Error('no such job');
  const deps = {
    store,
    bus: {
      publishCancel(cancelled: JobId) {
        published.push(cancelled);
        return Promise.resolve();
      },
    },
    logger: pino({ enabled: false }),
    now: () => 2_000,
  };
  store.transaction(() => {
    cancelJob({ deps, actor: 'test' }, job);
  });
  return store.jobs.get(id);
}

function refusal(id: JobId): string | undefined {
  try {
    cancel(id);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
}

describe('a cancel', () => {
  it('ends a command that waits at once', () => {
    expect(cancel(queue('exec', EXEC))?.status).toBe('cancelled');
    expect(published).toEqual([]);
  });

  it('asks a command that runs to end', () => {
    const id = queue('exec', EXEC);
    run(id);
    expect(cancel(id)).toMatchObject({
      status: 'running',
      cancel_requested: true,
    });
    expect(published).toEqual([id]);
  });

  it.each(['create', 'start', 'delete', 'purge'] as const)(
    'is refused for a %s, waiting or running, and leaves it as it is',
    (kind) => {
      const id = queue(kind, {});
      expect(refusal(id)).toBe('not_cancellable');
      expect(store.jobs.get(id)?.status).toBe('queued');
      run(id);
      expect(refusal(id)).toBe('not_cancellable');
      expect(store.jobs.get(id)?.cancel_requested).toBe(false);
    },
  );

  it('of what has ended already says so', () => {
    const id = queue('exec', EXEC);
    cancel(id);
    expect(refusal(id)).toBe('job_finished');
  });
});
