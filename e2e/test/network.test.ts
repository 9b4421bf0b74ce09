import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import { inside, reached } from '../src/inside.ts';
import {
  docker,
  exec,
  ok,
  sandboxes,
  service,
  until,
  WEB_SERVICE,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const EVERY_PORT = [1, 65_535] as const;

async function addressOf(container: string): Promise<string> {
  return docker(
    'inspect',
    '-f',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    container,
  );
}

async function gatewayOf(network: string): Promise<string> {
  return docker(
    ...['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}'],
    network,
  );
}

/** The host's addresses but for loopback, those of the Engine's bridges too. */
function hostAddresses(family: 'IPv4' | 'IPv6'): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((each) => each.family === family && !each.internal)
    .map(({ address }) => address);
}

/** What a program in a sandbox answers for an attempt: an error's name, or how it went. */
const outcomesSchema = z.record(z.string(), z.string());

it('no port of another sandbox, of the control plane or of the host is reached from inside', async () => {
  const attacker = await fleet.create();
  const victim = await fleet.create();
  await ok(
    'PUT',
    `/v1/sandboxes/${victim.id}/services/web?wait=30`,
    WEB_SERVICE,
  );
  const [redis = ''] = await service('redis');
  const [api = ''] = await service('api');
  const [worker = ''] = await service('worker');
  const own = await addressOf(`s-${victim.id.toLowerCase()}`);
  // The scan itself can find a port: the victim's own.
  expect(
    await reached(victim.id, [{ host: own, ports: [3000, 3000] }]),
  ).toEqual([[own, 3000]]);
  for (const host of [own, await gatewayOf('sandboxed-sandboxes')])
    expect([
      host,
      await reached(attacker.id, [{ host, ports: EVERY_PORT }]),
    ]).toEqual([host, []]);
  const ports = [22, 80, 443, 2024, 2375, 6379, 9090, 9091, 9092];
  const others = [
    ...hostAddresses('IPv4'),
    ...(await Promise.all([redis, api, worker].map(addressOf))),
  ].flatMap((host) =>
    ports.map((port) => ({ host, ports: [port, port] as const })),
  );
  expect(await reached(attacker.id, others)).toEqual([]);
}, 300_000);

it('private and reserved ranges and the metadata addresses of clouds are closed', async () => {
  const { id } = await fleet.create();
  const hosts = [
    ...['10.0.0.1', '100.64.0.1', '100.100.100.200', '168.63.129.16'],
    ...['169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.254'],
    ...['192.0.0.192', '192.168.0.1', '192.168.255.254', '198.18.0.1'],
    ...['224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ];
  const targets = hosts.flatMap((host) =>
    [53, 80, 443, 8080].map((port) => ({ host, ports: [port, port] as const })),
  );
  expect(await reached(id, targets)).toEqual([]);
}, 120_000);

it('neither UDP nor ping reaches another sandbox or the host', async () => {
  const attacker = await fleet.create();
  const victim = await fleet.create();
  const hosts = [
    await addressOf(`s-${victim.id.toLowerCase()}`),
    await gatewayOf('sandboxed-sandboxes'),
    ...hostAddresses('IPv4'),
  ];
  const tried = await inside(
    attacker.id,
    `
import json, socket, struct
out = {}
def attempt(name, kind, protocol, host, port, data):
    s = socket.socket(socket.AF_INET, kind, protocol)
    s.settimeout(0.7)
    try:
        s.connect((host, port)); s.send(data); s.recv(64); out[name] = "answered"
    except TimeoutError: out[name] = "silent"
    except OSError as e: out[name] = "told " + str(e.errno)
echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
for host in json.loads('''${JSON.stringify(hosts)}'''):
    for port in (53, 3000, 40000): attempt(f"udp {host} {port}", socket.SOCK_DGRAM, 0, host, port, b"x")
    attempt(f"ping {host}", socket.SOCK_DGRAM, socket.IPPROTO_ICMP, host, 0, echo)
# The attempts themselves can succeed.
attempt("ping itself", socket.SOCK_DGRAM, socket.IPPROTO_ICMP, "127.0.0.1", 0, echo)
print(json.dumps(out))`,
    outcomesSchema,
  );
  const { 'ping itself': itself, ...others } = tried;
  expect(itself).toBe('answered');
  for (const [name, outcome] of Object.entries(others))
    expect([name, outcome]).toEqual([name, 'silent']);
}, 120_000);

it('a sandbox has no IPv6 and no way to forge packets', async () => {
  const { id } = await fleet.create();
  const addresses = [
    ...hostAddresses('IPv6').map((address) =>
      address.startsWith('fe80') ? `${address}%eth0` : address,
    ),
    ...['fd00:ec2::254', 'fe80::1%eth0', 'ff02::1%eth0', '::ffff:10.0.0.1'],
  ];
  const tried = await inside(
    id,
    `
import json, os, socket
out = {"addresses": " ".join(l.split()[-1] for l in open("/proc/net/if_inet6")) if os.path.exists("/proc/net/if_inet6") else ""}
def attempt(name, act):
    try: act(); out[name] = "done"
    except OSError as e: out[name] = "refused"
def connect(host):
    info = socket.getaddrinfo(host, 80, socket.AF_INET6, socket.SOCK_STREAM)[0]
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM); s.settimeout(1); s.connect(info[4])
for host in json.loads('''${JSON.stringify(addresses)}'''): attempt("to " + host, lambda: connect(host))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP))
attempt("raw icmp", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt("raw ipv6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))
def other_source():
    s = socket.socket(); s.bind(("169.254.169.254", 0))
attempt("address of another", other_source)
def transparent():
    s = socket.socket(); s.setsockopt(socket.SOL_IP, 19, 1)
attempt("transparent", transparent)
print(json.dumps(out))`,
    outcomesSchema,
  );
  const { addresses: interfaces, ...attempts } = tried;
  expect(interfaces).toMatch(/^(lo)?$/);
  for (const [name, outcome] of Object.entries(attempts))
    expect([name, outcome]).toEqual([name, 'refused']);
}, 60_000);

it('a sandbox with egress none reaches nothing and nobody, and asks no resolver outside', async () => {
  const { id } = await fleet.create({ egress: 'none' });
  const other = await fleet.create({ egress: 'none' });
  const targets = [
    await addressOf(`s-${other.id.toLowerCase()}`),
    await gatewayOf('sandboxed-isolated'),
    await gatewayOf('sandboxed-sandboxes'),
    ...hostAddresses('IPv4'),
    // Reserved for documents: never anybody's, but a packet there would leave by the way that all take.
    ...['203.0.113.1', '1.1.1.1', '8.8.8.8', '169.254.169.254'],
  ].flatMap((host) =>
    [53, 80, 443, 3000, 9090].map((port) => ({
      host,
      ports: [port, port] as const,
    })),
  );
  expect(await reached(id, targets)).toEqual([]);
  // Docker's own resolver is in the sandbox's network and asks others from the host's: for such a network it may not.
  const { answer } = await inside(
    id,
    `
import json, socket
query = b"\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x07example\\x03com\\x00\\x00\\x01\\x00\\x01"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(8)
try:
    s.sendto(query, ("127.0.0.11", 53)); reply = s.recv(512)
    answer = f"code {reply[3] & 15}, {int.from_bytes(reply[6:8], 'big')} answers"
except TimeoutError: answer = "silent"
except OSError as e: answer = "refused"
print(json.dumps({"answer": answer}))`,
    z.object({ answer: z.string() }),
  );
  // 2 is "server failure", 5 "refused"; a name that a server outside was asked for is answered (0) or denied (3).
  expect(answer).toMatch(/^(silent|refused|code [25], 0 answers)$/);
}, 120_000);

it('what deletes our rules opens nothing, and they are back within 3 s', async () => {
  const { id } = await fleet.create();
  const [firewall = ''] = await service('firewall');
  const gateway = await gatewayOf('sandboxed-sandboxes');
  let arrived = 0;
  const server = createServer((socket) => {
    arrived += 1;
    socket.destroy();
  }).listen(0, gateway);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const loop = exec(
      id,
      `end=$((SECONDS + 8)); n=0; while [ $SECONDS -lt $end ]; do timeout 0.2 bash -c 'exec 3<>/dev/tcp/${gateway}/${port}' 2>/dev/null && echo open; n=$((n + 1)); done; [ $n -gt 10 ] && echo tried`,
    );
    const nft = (...args: string[]) => docker('exec', firewall, 'nft', ...args);
    for (let round = 0; round < 2; round += 1) {
      await nft('delete', 'table', 'inet', 'sandboxed');
      await until('the rules to be back', 3_000, () =>
        nft('list', 'table', 'inet', 'sandboxed').then(
          (text) => (text.includes('sbxd-open') ? text : undefined),
          () => undefined,
        ),
      );
    }
    await expect(
      nft('delete', 'table', 'inet', 'sandboxed-guard'),
    ).rejects.toThrow(/not permitted/);
    expect((await loop).stdout).toBe('tried\n');
    expect(arrived).toBe(0);
  } finally {
    server.close();
  }
}, 120_000);

it('while the firewall is down sandboxes stay locked in and none starts; it comes back and they do', async () => {
  const { id } = await fleet.create();
  const [firewall = ''] = await service('firewall');
  const gateway = await gatewayOf('sandboxed-sandboxes');
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=30`);
  const running = await fleet.create();
  await docker('kill', firewall);
  try {
    // Longer than its word counts.
    await until('its word to be old', 20_000, async () => {
      const { stdout } = await exec(running.id, 'sleep 6; echo slept');
      return stdout === 'slept\n' ? true : undefined;
    });
    const starting = ok('POST', `/v1/sandboxes/${id}/start?wait=60`);
    expect(
      await reached(running.id, [{ host: gateway, ports: [1, 10_000] }]),
    ).toEqual([]);
    const state = await docker(
      ...['inspect', '-f', '{{.State.Status}}', `s-${id.toLowerCase()}`],
    );
    expect(state).toMatch(/^(created|exited)$/);
    await docker('start', firewall);
    await starting;
  } finally {
    await docker('start', firewall);
  }
  expect((await exec(id, 'echo up')).stdout).toBe('up\n');
}, 180_000);
