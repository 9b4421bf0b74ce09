import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobViolations } from '../src/invariants/jobs.ts';
import { promiseViolations } from '../src/invariants/promises.ts';
import { sandboxViolations } from '../src/invariants/sandboxes.ts';
import type { Snapshot } from '../src/invariants/snapshot.ts';
import { answerFault } from '../src/torture/call.ts';
import { tortureViolations } from '../src/torture/checks.ts';
import { nextFault } from '../src/torture/fault.ts';
import type { Log, LogEvent, LogJob } from '../src/torture/log.ts';
import { nextOperation } from '../src/torture/operation.ts';
import { createRandom } from '../src/torture/random.ts';
import type { Subject, TortureRecord } from '../src/torture/record.ts';
import { createRecord, createSubject } from '../src/torture/record.ts';

// What the torture looks for is doctored in one place at a time: each fault must be found, and nothing else.
const BOX = '01K00000000000000000000001';
const JOB = '01K00000000000000000000002';

let dataDir: string;
let record: TortureRecord;
let subject: Subject;
let jobs: Map<string, LogJob>;
let events: LogEvent[];

const app = (): string => join(dataDir, 'workspaces', BOX, 'workspace/app');
const event = (seq: number, type: string, data: LogEvent['data']): void => {
  events.push({ seq, sandbox_id: BOX, job_id: JOB, type, data, at: 0 });
};
const job = (kind: string, more: Partial<LogJob> = {}): void => {
  jobs.set(JOB, {
    ...{ rowid: 1, id: JOB, sandbox_id: BOX, kind, status: 'succeeded' },
    ...{ requested_by: 'api:local', result: null, started_at: 1 },
    ...more,
  });
};
const violations = (): Promise<string[]> => {
  const log: Log = { after: 0, events, jobs };
  return tortureViolations(record, log, { dataDir });
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'torture-checks-'));
  await mkdir(app(), { recursive: true });
  record = createRecord();
  subject = createSubject(BOX);
  record.subjects.set(BOX, subject);
  jobs = new Map();
  events = [];
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('finds nothing where nothing is wrong', async () => {
  job('start');
  event(1, 'job', { status: 'queued' });
  event(2, 'state', { to: 'running', actor: 'api:local' });
  event(3, 'job', { status: 'succeeded' });
  event(4, 'done', { status: 'succeeded' });
  record.sandboxStreams.push({ sandboxId: BOX, after: 0, seqs: [1, 2] });
  record.sandboxStreams.push({ sandboxId: BOX, after: 2, seqs: [3] });
  await writeFile(join(app(), 'file'), 'b');
  subject.files.set('file', new Set(['a', 'b']));
  subject.files.set('none', new Set([undefined]));
  await writeFile(join(app(), '../requests'), 'one\n');
  record.once.push({ sandboxId: BOX, file: '../requests', line: 'one' });
  expect(await violations()).toEqual([]);
});

it.each([
  ['is missing', [1, 3]],
  ['came twice', [1, 2, 2, 3]],
  ['came out of order', [1, 3, 2]],
])('finds an event that %s', async (_what, seqs) => {
  for (const seq of [1, 2, 3]) event(seq, 'job', { status: 'queued' });
  record.sandboxStreams.push({ sandboxId: BOX, after: 0, seqs });
  expect(await violations()).toEqual([
    expect.stringContaining(`saw ${seqs.join()}`),
  ]);
});

it('finds a stop for idleness over a job that was queued', async () => {
  job('exec');
  event(1, 'job', { status: 'queued' });
  event(2, 'state', { to: 'stopping', reason: 'idle' });
  expect(await violations()).toEqual([
    expect.stringContaining(`exec ${JOB} was unfinished`),
  ]);
});

it('finds a stop that succeeded and left the sandbox running', async () => {
  job('stop');
  event(1, 'state', { to: 'running', actor: 'api:local' });
  event(2, 'done', { status: 'succeeded' });
  expect(await violations()).toEqual([
    expect.stringContaining('succeeded at 2 with the sandbox running'),
  ]);
});

it.each([
  ['lost', undefined],
  ['older than what was acknowledged', 'old'],
])('finds a file that is %s', async (_what, content) => {
  if (content !== undefined) await writeFile(join(app(), 'file'), content);
  subject.files.set('file', new Set(['new']));
  expect(await violations()).toEqual([
    expect.stringContaining('it may be "new"'),
  ]);
});

it('finds a removed file that is back', async () => {
  await writeFile(join(app(), 'file'), 'old');
  subject.files.set('file', new Set([undefined]));
  expect(await violations()).toEqual([
    expect.stringContaining('it may be gone'),
  ]);
});

it('finds commands that ran although they were refused or cancelled before they began', async () => {
  job('exec', { status: 'cancelled', started_at: null });
  const place = { sandboxId: BOX, file: '../marks' };
  record.refused.push({ ...place, line: 'one' });
  record.told.marks.push({ ...place, mark: 'two', jobId: JOB });
  await writeFile(join(app(), '../marks'), 'one\ntwo\n');
  expect(await violations()).toEqual([
    expect.stringContaining('was refused, and ran'),
    expect.stringContaining('was cancelled before it began, and ran'),
  ]);
});

it.each([
  [0, ''],
  [2, 'one\none\n'],
])(
  'finds a request that an app answered and has %d times',
  async (count, text) => {
    await writeFile(join(app(), '../requests'), text);
    record.once.push({ sandboxId: BOX, file: '../requests', line: 'one' });
    expect(await violations()).toEqual([
      expect.stringContaining(`is there ${count} times`),
    ]);
  },
);

it('finds a job that changed after its end was told', () => {
  record.ended(JOB, 'succeeded', { exit_code: 0 });
  record.ended(JOB, 'succeeded', { exit_code: 0 });
  expect(record.violations).toEqual([]);
  record.ended(JOB, 'failed', undefined);
  expect(record.violations).toHaveLength(1);
});

it('takes no answer for good that says nothing of what went wrong', () => {
  const problem = { code: 'busy', detail: 'x', retryable: true, status: 409 };
  const headers = { 'x-request-id': 'r' };
  const fault = (status: number, body: unknown): string | undefined =>
    answerFault({ status, headers, body });
  expect(fault(202, {})).toBeUndefined();
  expect(fault(409, problem)).toBeUndefined();
  expect(fault(500, { ...problem, status: 500, code: 'internal' })).toContain(
    'internal',
  );
  expect(fault(502, 'Bad Gateway')).toContain('without a problem');
  expect(fault(404, problem)).toContain('404 with the problem');
});

it('makes the same operations and faults of the same seed, and others of another', () => {
  const choices = (seed: number): unknown[] => {
    const [client, faults] = ['c1', 'faults'].map((name) =>
      createRandom(seed, name),
    );
    if (client === undefined || faults === undefined) return [];
    return Array.from({ length: 50 }, (_, serial) => [
      nextOperation(client, 'c1', serial),
      nextFault(faults, false),
    ]);
  };
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
});

describe('the invariants', () => {
  const snapshot = (more: Partial<Snapshot>): Snapshot => ({
    ...{ jobs: new Map(), sandboxes: new Map(), eventsOfJob: new Map() },
    ...{ statesOf: new Map(), containers: [], workspaces: [], runDirs: [] },
    members: new Map(),
    ...{ trash: [], gates: [], routes: [] },
    ...more,
  });
  const row = {
    ...{ id: JOB, sandbox_id: BOX, kind: 'exec', class: 'exec' },
    ...{ status: 'succeeded', result: null, error: null, finished_at: 1 },
  };

  it('find a route to a container that is down', () => {
    const box = (state: string, ports = '[3000]') => ({
      sandboxes: new Map([
        [
          BOX,
          { ...{ id: BOX, state, ports }, has_workspace: 1, reserved_mb: 0 },
        ],
      ]),
      workspaces: [BOX],
      runDirs: [BOX],
    });
    const name = BOX.toLowerCase();
    const routes = [`route-${name}.yaml`];
    const gates = [`gate-${name}-3000.yaml`];
    const found = (more: Partial<Snapshot>): string[] =>
      sandboxViolations(snapshot(more)).filter((each) =>
        /lead|route/.test(each),
      );
    expect(found({ ...box('stopped'), routes })).toHaveLength(1);
    expect(found({ ...box('stopped'), routes, gates })).toEqual([]);
    expect(found({ ...box('deleted'), routes, gates })).toHaveLength(1);
    expect(found({ ...box('running'), gates })).toHaveLength(1);
    expect(found({ ...box('running'), routes })).toEqual([]);
    expect(found(box('running', '[]'))).toEqual([]);
    expect(found({ routes })).toHaveLength(1);
  });

  it('find a container of no sandbox', () => {
    const container = { id: BOX, name: 's-box', state: 'running' };
    expect(sandboxViolations(snapshot({ containers: [container] }))).toEqual([
      'container s-box belongs to no sandbox',
    ]);
  });

  it('find a job without its last event', () => {
    expect(jobViolations(snapshot({ jobs: new Map([[JOB, row]]) }))).toEqual([
      expect.stringContaining('has 0 done events'),
    ]);
  });

  it.each([
    ['ran 2 times', 'one\none\n'],
    ['left no mark', ''],
  ])('find a command that %s', async (what, text) => {
    await writeFile(join(app(), '../marks'), text);
    record.told.marks.push({
      ...{ mark: 'one', file: '../marks', sandboxId: BOX, jobId: JOB },
    });
    const there = snapshot({ jobs: new Map([[JOB, row]]), workspaces: [BOX] });
    expect(await promiseViolations(record.told, there, dataDir)).toEqual([
      expect.stringContaining(what),
    ]);
  });
});
