import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { place } from './support.ts';

let here: ReturnType<typeof place>;
beforeEach(() => {
  here = place();
});
afterEach(() => {
  here.clean();
});

const SYSTEM_TIME = () => new Date().toISOString();

/** Facts of a sound host, as the script `sandboxed` finds them, but for `changes`. */
function facts(changes: object = {}) {
  return {
    version: {
      Version: '29.9.0',
      Components: [{ Name: 'runc', Version: '1.3.3' }],
    },
    info: {
      SecurityOptions: ['name=seccomp,profile=builtin'],
      SystemTime: SYSTEM_TIME(),
    },
    bridge_netfilter: true,
    clock_kept: true,
    open: false,
    unhealthy: [],
    low_limits: [],
    ...changes,
  };
}

function doctor(input: unknown, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', join(__dirname, '../src/main.ts'), 'doctor', ...args],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        SANDBOXED_DATA_DIR: join(here.root, 'data'),
      },
      input: typeof input === 'string' ? input : JSON.stringify(input),
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

/** An installation whose worker was last heard of `agoMs` ago. */
function heard(agoMs: number): void {
  here.open('data').workers.heartbeat({
    id: 'w',
    at: Date.now() - agoMs,
    dockerOk: true,
    dockerVersion: '29.9.0',
    engine: null,
    message: '',
  });
}

it('has nothing critical to say of a sound installation, but where its data lies', () => {
  heard(1_000);
  const { status, stdout } = doctor(facts());
  expect(status).toBe(0);
  expect(stdout.match(/^\S+ +(\w+)$/gm)).toEqual([
    'warning   disk_without_quota',
  ]);
});

it('says what is wrong, what to do, and by its exit code whether it is critical', () => {
  heard(1_000);
  const open = doctor(facts({ open: true }));
  expect(open.status).toBe(0);
  expect(open.stdout).toMatch(/warning +auth_off[^]*What to do: /);
  const bad = doctor(
    facts({
      version: {
        Version: '29.9.0',
        Components: [{ Name: 'runc', Version: '1.1.5' }],
      },
    }),
    '--json',
  );
  expect(bad.status).toBe(1);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    warnings: [
      { code: 'runc_known_escape', severity: 'critical' },
      { code: 'runc_known_escape', severity: 'critical' },
      { code: 'disk_without_quota', severity: 'warning' },
    ],
  });
});

it('tells of a stack that is down, and of workers that are silent', () => {
  heard(60_000);
  expect(doctor(facts({ unhealthy: null })).stdout).toMatch(
    /stack_down[^]*install\.sh/,
  );
  expect(doctor(facts({ unhealthy: ['redis'] })).stdout).toMatch(
    /service_unhealthy[^]*redis/,
  );
  const silent = doctor(facts());
  expect(silent.status).toBe(1);
  expect(silent.stdout).toMatch(/CRITICAL +no_worker/);
});

it('tells of a clock that was set back', () => {
  heard(-60_000);
  expect(doctor(facts()).stdout).toMatch(/clock_skew[^]*set back/);
});

it('tells of limits that one sandbox can use up for all', () => {
  heard(0);
  const low = facts({ low_limits: ['kernel.pid_max'] });
  expect(doctor(low).stdout).toMatch(
    /warning +kernel_limits_low[^]*pid_max[^]*install\.sh/,
  );
});

it('refuses facts that it cannot read', () => {
  heard(0);
  const { status, stderr } = doctor('{"version":');
  expect([status, stderr]).toEqual([
    64,
    expect.stringMatching(/facts of the host/),
  ]);
});
