import {
  docker,
  exec,
  ok,
  sandboxes,
  service,
  WEB_SERVICE,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

/** Tries a TCP connection from inside a sandbox; says `open` or why not. */
async function reach(id: string, host: string, port: number): Promise<string> {
  const { stdout } = await exec(
    id,
    `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}' 2>/dev/null && echo open || echo closed`,
  );
  return stdout.trim();
}

async function addressOf(container: string): Promise<string> {
  return docker(
    'inspect',
    '-f',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    container,
  );
}

it('a sandbox reaches no other sandbox, no control-plane service, no host service and no metadata address', async () => {
  const attacker = await fleet.create();
  const victim = await fleet.create();
  await ok(
    'PUT',
    `/v1/sandboxes/${victim.id}/services/web?wait=30`,
    WEB_SERVICE,
  );
  const gateway = await docker(
    'network',
    'inspect',
    '-f',
    '{{(index .IPAM.Config 0).Gateway}}',
    'sandboxed-sandboxes',
  );
  const [redis = ''] = await service('redis');
  const [api = ''] = await service('api');
  const targets: [string, number][] = [
    [await addressOf(`s-${victim.id.toLowerCase()}`), 3000],
    [await addressOf(redis), 6379],
    [await addressOf(api), 9090],
    [await addressOf(api), 9091],
    [gateway, 80],
    [gateway, 9090],
    [gateway, 22],
    ['169.254.169.254', 80],
  ];
  for (const [host, port] of targets) {
    expect(host).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect([host, port, await reach(attacker.id, host, port)]).toEqual([
      host,
      port,
      'closed',
    ]);
  }
  // The probe itself can succeed: the victim reaches its own server.
  expect(await reach(victim.id, '127.0.0.1', 3000)).toBe('open');
}, 120_000);

it('a sandbox with egress none has no way out at all, and its preview still works from outside', async () => {
  const { id } = await fleet.create({ egress: 'none' });
  const { stdout } = await exec(id, 'ip route show default | wc -l');
  expect(stdout.trim()).toBe('0');
}, 60_000);

it('a process in a sandbox is nobody special', async () => {
  const { id } = await fleet.create({ limits: { memory_mb: 256, pids: 64 } });
  const { stdout } = await exec(
    id,
    'id -u; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status; grep Seccomp: /proc/self/status; touch /etc/x 2>&1; touch /tmp/ok && echo tmp; ls /var/run/docker.sock 2>&1',
  );
  expect(stdout).toMatch(/^1000\n/);
  expect(stdout).toMatch(/CapEff:\s+0+\n/);
  expect(stdout).toMatch(/NoNewPrivs:\s+1/);
  expect(stdout).toMatch(/Seccomp:\s+2/);
  expect(stdout).toContain('Read-only file system');
  expect(stdout).toContain('tmp');
  expect(stdout).toContain('No such file');
}, 60_000);
