import { readFileSync } from 'node:fs';
import { inside } from '../src/inside.ts';
import { call, docker, exec, ok, sandboxes, until } from '../src/stack.ts';
import { z } from 'zod';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

/** Within this a neighbour's command is to be done while a sandbox goes mad, in ms; alone it takes some 30. */
const NEIGHBOUR_BUDGET_MS = 1_500;
/** How long a bomb is left alone with its neighbour. */
const BOMB_MS = 8_000;
/** So much of the host's memory has to stay available, MiB. */
const HOST_RESERVE_MB = 1_024;

const LIMITS = { memory_mb: 512, pids: 256, cpus: 2 };

/** The slowest of one sandbox's commands during `forMs`, in ms; each needs processes, a file and the network. */
async function slowest(id: string, forMs: number): Promise<number> {
  let worst = 0;
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const began = performance.now();
    const { stdout } = await exec(
      id,
      'echo x >probe && cat probe; hostname -i >/dev/null && echo y',
    );
    worst = Math.max(worst, performance.now() - began);
    expect(stdout).toBe('x\ny\n');
  }
  return worst;
}

function availableMb(): number {
  const [, kib] =
    /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ??
    [];
  return Number(kib) / 1_024;
}

/** What each does is meant to go on until it is ended. */
const BOMBS: readonly (readonly [string, string])[] = [
  ['processes', 'bomb() { bomb | bomb & }; while true; do bomb; done'],
  [
    'memory',
    `while true; do python3 -c 'x = []
while True: x.append(bytearray(16_777_216))'; done`,
  ],
  [
    'open files',
    `python3 -c '
import os, time
for _ in range(20):
    if os.fork() == 0: break
held = []
while True:
    try: held.append(open("/dev/null"))
    except OSError: time.sleep(0.01)'`,
  ],
  ['output', 'yes | tee /dev/stderr'],
  [
    'temporary files',
    'while true; do for d in /tmp /var/tmp /dev/shm; do dd if=/dev/zero of=$d/full bs=1M; done; done 2>/dev/null',
  ],
  [
    'empty files',
    `python3 -c '
n = 0
while True:
    try: open(f"/tmp/{n}", "w").close(); n += 1
    except OSError: pass'`,
  ],
  [
    'busy loops',
    'for i in $(seq 64); do (while true; do :; done) & done; wait',
  ],
  [
    'connections',
    `python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 9000), backlog=4096); held = []
while True:
    try: held += [socket.create_connection(("127.0.0.1", 9000), 1), server.accept()]
    except OSError: pass'`,
  ],
];

it.each(BOMBS)(
  'a bomb of %s leaves its neighbour and the host be, and its own sandbox can be had again',
  async (_of, bomb) => {
    const neighbour = await fleet.create();
    const { id } = await fleet.create({ limits: LIMITS });
    await slowest(neighbour.id, 500);
    const before = await call('POST', `/sandbox/${id}/exec`, { shell: bomb });
    expect(before.status).toBe(202);
    const job = z.object({ job_id: z.string() }).parse(before.body).job_id;
    await until('the bomb to go off', 20_000, async () => {
      const { status } = z
        .object({ status: z.string() })
        .parse(await ok('GET', `/v1/jobs/${job}`));
      return status === 'queued' ? undefined : true;
    });
    expect(await slowest(neighbour.id, BOMB_MS)).toBeLessThan(
      NEIGHBOUR_BUDGET_MS,
    );
    expect(availableMb()).toBeGreaterThan(HOST_RESERVE_MB);
    await ok('POST', `/sandbox/${id}/stop?wait=60`, { force: true });
    await ok('POST', `/sandbox/${id}/start?wait=60`);
    const again = await exec(id, 'rm -rf /tmp/* && echo again');
    expect(again.stdout).toBe('again\n');
  },
  180_000,
);

it('a flood of a service’s log stays small on the host', async () => {
  const { id } = await fleet.create({ limits: LIMITS });
  await ok('PUT', `/v1/sandboxes/${id}/services/flood?wait=30`, {
    command: 'exec yes a line that goes on and on',
  });
  const neighbour = await fleet.create();
  expect(await slowest(neighbour.id, BOMB_MS)).toBeLessThan(
    NEIGHBOUR_BUDGET_MS,
  );
  const { stdout } = await exec(id, 'du -sk /run/sandboxed | cut -f 1');
  expect(Number(stdout)).toBeGreaterThan(100);
  expect(Number(stdout)).toBeLessThan(16 * 1_024);
  const log = await docker(...['logs', '--tail', '5', `s-${id.toLowerCase()}`]);
  expect(log).not.toContain('goes on and on');
}, 120_000);

it('what the kernel counts for a user cannot be used up: a neighbour still watches files, starts processes and opens pipes', async () => {
  const greedy = await fleet.create({ limits: LIMITS });
  const neighbour = await fleet.create();
  const started = await call('POST', `/sandbox/${greedy.id}/exec`, {
    shell: `python3 -c '
import ctypes, fcntl, os, sys, time
libc = ctypes.CDLL(None); held = []
while len(held) < 3000 and (fd := libc.inotify_init1(0)) >= 0: held.append(fd)
for _ in range(2000):
    pipe = os.pipe(); held.append(pipe)
    try: fcntl.fcntl(pipe[1], 1031, 1048576)
    except OSError: pass
open("taken", "w").write(str(len(held)))
time.sleep(600)'`,
  });
  expect(started.status).toBe(202);
  await until('it to have taken them', 30_000, async () => {
    const { stdout } = await exec(greedy.id, 'cat taken 2>/dev/null; true');
    return stdout === '' ? undefined : true;
  });
  const has = await inside(
    neighbour.id,
    `
import ctypes, fcntl, json, os
libc = ctypes.CDLL(None)
fd = libc.inotify_init1(0)
r, w = os.pipe()
print(json.dumps({"watches": libc.inotify_add_watch(fd, b"/tmp", 2) > 0, "pipe": fcntl.fcntl(w, 1032)}))`,
    z.object({ watches: z.boolean(), pipe: z.number() }),
  );
  expect(has).toEqual({ watches: true, pipe: 65_536 });
}, 120_000);
