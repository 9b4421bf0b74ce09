import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../firewall/firewall.sh');

const failureSchema = z.object({ code: z.number(), stderr: z.string() });

/** Runs a line beside the firewall's script, in a network of its own that it cannot leave: what it flushes is nobody else's. */
async function alone(
  line: string,
  allow = '',
): Promise<{ code: number; output: string }> {
  const args = [
    ...['run', '--rm', '--network', 'none', '--cap-drop', 'ALL'],
    ...['--cap-add', 'NET_ADMIN', '--volume', `${script}:/app/firewall.sh:ro`],
    ...['--env', `SANDBOXED_EGRESS_ALLOW=${allow}`],
    ...['--env', 'SANDBOXED_FIREWALL_FILE=/run/stands'],
    ...['sandboxed/control-plane:latest', 'bash', '-c', line],
  ];
  try {
    const { stdout, stderr } = await run('docker', args, { timeout: 60_000 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stderr } = failureSchema.parse(error);
    return { code, output: stderr };
  }
}

const BEGIN =
  'bash /app/firewall.sh run >/dev/null & until bash /app/firewall.sh check; do sleep 0.1; done; wait_for() { for i in $(seq 30); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "waited for $*"; };';

it('not even a flush of all nftables opens anything, and the firewall tells of no gap', async () => {
  const { output } = await alone(
    `${BEGIN}
nft list table inet sandboxed >/dev/null && echo both
nft flush ruleset; nft list tables
nft list table inet sandboxed-guard | grep -c drop
wait_for nft list table inet sandboxed
nft list tables`,
  );
  expect(output).toMatch(
    /^both\ntable inet sandboxed-guard\n\d\d\ntable inet sandboxed-guard\ntable inet sandboxed\n$/,
  );
}, 90_000);

it('a rule that somebody slips in is gone within 3 s, and one that owns its table cannot be changed at all', async () => {
  const { output } = await alone(
    `${BEGIN}
nft insert rule inet sandboxed leave accept
gone() { ! nft list chain inet sandboxed leave | grep -qE '^\\s+accept'; }
wait_for gone
nft insert rule inet sandboxed-guard leave accept 2>/dev/null || echo refused
nft flush chain inet sandboxed-guard input 2>/dev/null || echo refused`,
  );
  expect(output).toBe('refused\nrefused\n');
}, 90_000);

it('the rules stay when the firewall ends, and its word does not', async () => {
  const { output } = await alone(
    `${BEGIN}
kill $!; wait $! 2>/dev/null
bash /app/firewall.sh check || echo silent
alone() { [ "$(nft list tables)" = 'table inet sandboxed' ]; }
wait_for alone
nft list tables
bash /app/firewall.sh remove; nft list tables`,
  );
  expect(output).toBe('silent\ntable inet sandboxed\n');
}, 90_000);

it('a guard that is killed is there again within 3 s, and the chains of earlier versions are taken away', async () => {
  const { output } = await alone(
    `for chain in DOCKER-USER SANDBOXED-FWD SANDBOXED-IN; do iptables -N $chain; done
iptables -I DOCKER-USER -j SANDBOXED-FWD; iptables -I INPUT -j SANDBOXED-IN
${BEGIN}
iptables -S | grep -c SANDBOXED
for process in /proc/[0-9]*; do
  if [ "$(cat $process/comm 2>/dev/null)" = nft ]; then kill -9 "\${process#/proc/}"; echo killed; fi
done
wait_for nft list table inet sandboxed-guard
nft list table inet sandboxed-guard >/dev/null && echo guarded`,
  );
  expect(output).toBe('0\nkilled\nguarded\n');
}, 90_000);

it.each([
  ['10.0.0.5/32', 'not of the form cidr:port'],
  ['10.0.0.5/33:80', 'prefix that is not 0 to 32'],
  ['10.0.0.256:80', 'number that is not 0 to 255'],
  ['010.0.0.1:80', 'number that is not 0 to 255'],
  ['10.0.0.5:0', 'port that is not 1 to 65535'],
  ['10.0.0.5:65536', 'port that is not 1 to 65535'],
  ['example.com:80', 'not of the form cidr:port'],
  ['[fd00::1]:80', 'not of the form cidr:port'],
  ['1.2.3.4:80;drop', 'not of the form cidr:port'],
])(
  'SANDBOXED_EGRESS_ALLOW=%s is refused: %s',
  async (entry, why) => {
    const { code, output } = await alone(
      'exec bash /app/firewall.sh run',
      `10.1.0.0/16:4873,${entry}`,
    );
    expect(code).toBe(78);
    expect(output).toContain(`'${entry}'`);
    expect(output).toContain(why);
  },
  30_000,
);

it('what SANDBOXED_EGRESS_ALLOW names is let through before ranges are closed', async () => {
  const { output } = await alone(
    'bash /app/firewall.sh print',
    '10.1.0.0/16:4873,192.168.7.7:443',
  );
  const [allowed, other, closed] = [
    'ip daddr 10.1.0.0/16 tcp dport 4873 accept',
    'ip daddr 192.168.7.7/32 tcp dport 443 accept',
    'drop\n    # Other networks',
  ].map((text) => output.indexOf(text));
  expect(allowed).toBeGreaterThan(0);
  expect(other).toBeGreaterThan(allowed ?? 0);
  expect(closed).toBeGreaterThan(other ?? 0);
}, 30_000);
