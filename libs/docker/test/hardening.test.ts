import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './support.ts';
import { openBench } from './support.ts';

/** Asks everything from the inside and leaves the answers in the one place that can be written and seen from here. */
const QUESTIONS = [
  'id -u',
  "awk '/^CapEff/ {print $2}' /proc/self/status",
  "awk '/^NoNewPrivs/ {print $2}' /proc/self/status",
  "awk '/^Seccomp:/ {print $2}' /proc/self/status",
  'touch /etc/x 2>/dev/null && echo writable || echo read-only',
  'touch /ro/x 2>/dev/null && echo writable || echo read-only',
  'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
  'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max',
  'ulimit -n',
  'ulimit -c',
  'cat /proc/self/oom_score_adj',
  'grep -v " lo$" /proc/net/if_inet6 2>/dev/null | wc -l',
  'hostname',
  "tr '\\0' ' ' < /proc/1/cmdline | cut -d' ' -f1",
].map((question) => `(${question})`);

let bench: Bench;
let out: string;
beforeAll(async () => {
  bench = await openBench();
  out = await mkdtemp(join(tmpdir(), 'sandboxed-docker-'));
  await chmod(out, 0o777);
});
afterEach(() => bench.clean());
afterAll(async () => {
  await bench.close();
  await rm(out, { recursive: true });
});

test('the walls stand as seen from the inside', async () => {
  const spec = bench.spec({
    command: ['sh', '-c', `{ ${QUESTIONS.join('; ')}; } > /out/answers 2>&1`],
    mounts: [
      { source: out, target: '/out', readOnly: false },
      { source: out, target: '/ro', readOnly: true },
    ],
  });
  await bench.driver.ensure(spec);
  await bench.driver.start(spec.name);
  await bench.docker.getContainer(spec.name).wait();
  const answers = await readFile(join(out, 'answers'), 'utf8');
  expect(answers.trim().split('\n')).toEqual([
    '1000',
    '0000000000000000',
    '1',
    '2',
    'read-only',
    'read-only',
    String(spec.memoryBytes),
    String(spec.pids),
    String(spec.openFiles),
    '0',
    '500',
    '0',
    spec.name,
    '/sbin/docker-init',
  ]);
});

test('a fork bomb ends at the limit of processes', async () => {
  const spec = bench.spec({
    command: [
      'sh',
      '-c',
      'i=0; while [ $i -lt 100 ]; do sleep 60 & i=$((i+1)); done',
    ],
  });
  await bench.driver.ensure(spec);
  await bench.driver.start(spec.name);
  await bench.docker.getContainer(spec.name).wait();
  expect((await bench.driver.inspect(spec.name))?.exitCode).not.toBe(0);
});

test('a process that takes more memory than its limit is killed and said so', async () => {
  const spec = bench.spec({
    command: ['sh', '-c', 'exec tail /dev/zero'],
  });
  await bench.driver.ensure(spec);
  await bench.driver.start(spec.name);
  await bench.docker.getContainer(spec.name).wait();
  expect(await bench.driver.inspect(spec.name)).toMatchObject({
    running: false,
    exitCode: 137,
    oomKilled: true,
  });
});
