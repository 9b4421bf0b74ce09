/** What several routes answer, as examples of the document. */
const ID = '01M3H5W3QMZJ9V1K0TT5X7BD2A';
const JOB_ID = '01M3H5W3QMZJ9V1K0TT5X7BD2B';
const MADE_AT = '2026-11-28T09:30:00.000Z';
const BEGUN_AT = '2026-11-28T09:30:00.014Z';
const ENDED_AT = '2026-11-28T09:30:00.742Z';

/** Where to read of a job. */
export const JOB_LINKS_EXAMPLE = {
  job_id: JOB_ID,
  events_url: `/v1/jobs/${JOB_ID}/events`,
};

export const SANDBOX_EXAMPLE = {
  id: ID,
  name: 'shop',
  status: 'running',
  status_reason: 'created',
  image: 'sandboxed/sandbox:latest',
  ports: [3000],
  preview_urls: {
    '3000': `http://s-${ID.toLowerCase()}-3000.preview.localhost`,
  },
  visibility: 'public',
  wake: 'on_request',
  labels: { team: 'web' },
  limits: { memory_mb: 2048, cpus: 2, pids: 1024, disk_mb: 10_240 },
  idle_policy: 'sleep',
  idle_timeout_seconds: 2100,
  egress: 'open',
  external: { user_id: 'u-17' },
  env_names: ['ANTHROPIC_API_KEY'],
  created_at: MADE_AT,
  updated_at: ENDED_AT,
  last_active_at: ENDED_AT,
};

/** A sandbox that a job works on. */
export const SANDBOX_AT_WORK_EXAMPLE = {
  ...SANDBOX_EXAMPLE,
  status: 'creating',
  status_reason: 'requested',
  ...JOB_LINKS_EXAMPLE,
};

export const JOB_EXAMPLE = {
  id: JOB_ID,
  kind: 'exec',
  sandbox_id: ID,
  status: 'succeeded',
  attempts: 1,
  requested_by: 'api:local',
  created_at: MADE_AT,
  started_at: BEGUN_AT,
  finished_at: ENDED_AT,
  result: { exit_code: 0, stdout: '11.6.2\n', stderr: '', duration_ms: 412 },
  timings: {
    accept_ms: 1.2,
    queue_ms: 3.4,
    earlier_ms: 0,
    phases: { run: 723.4 },
    total_ms: 728,
  },
};

export const TASK_EXAMPLE = {
  id: JOB_ID,
  sandbox_id: ID,
  status: 'succeeded',
  agent: 'claude-code',
  prompt: 'Build a to-do list.',
  job_id: JOB_ID,
  events_url: `/v1/sandboxes/${ID}/tasks/${JOB_ID}/events`,
  requested_by: 'api:local',
  created_at: MADE_AT,
  started_at: BEGUN_AT,
  finished_at: '2026-11-28T09:33:21.000Z',
  result: {
    status: 'succeeded',
    agent_message_final: 'The to-do list is at /.',
    files_changed: [{ path: 'src/App.tsx', change: 'modified' }],
    build_status: 'passed',
    preview: {
      status: 'ready',
      url: `http://s-${ID.toLowerCase()}-3000.preview.localhost`,
      http_status: 200,
    },
    checkpoint_id: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    session_id: 'ses_1',
    tokens: {
      input: 5200,
      output: 1800,
      reasoning: 0,
      cache_read: 21_000,
      cache_write: 5200,
      total: 33_200,
    },
    cost_usd: 0.07,
    duration_ms: 200_250,
  },
};

/** Of a stream: `retry`, an event, a heartbeat, the end. */
export const EVENTS_EXAMPLE = `retry: 2000

id: 1042
event: stdout
data: {"text":"11.6.2\\n","offset":7,"at":"${ENDED_AT}"}

: heartbeat

id: 1043
event: done
data: {"status":"succeeded","result":{"exit_code":0,"duration_ms":412},"at":"${ENDED_AT}"}

`;

export const FEED_EXAMPLE = `retry: 2000

id: 1042
event: position
data: {"at":"${ENDED_AT}"}

id: 1043
event: state
data: {"sandbox_id":"01J9ZK3V6M8Q2R4T5W7X9YABCD","from":"stopping","to":"stopped","reason":"idle","actor":"reaper:idle","at":"${ENDED_AT}"}

: heartbeat

`;
