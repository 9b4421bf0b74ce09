import { z } from 'zod';
import { docker, sandboxes, service } from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

const inspectedSchema = z.array(
  z.object({
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    Mounts: z.array(
      z.object({ Source: z.string(), Name: z.string().optional() }),
    ),
    HostConfig: z.object({
      NetworkMode: z.string(),
      ReadonlyRootfs: z.boolean(),
      Privileged: z.boolean(),
      CapDrop: z.array(z.string()).nullable(),
      CapAdd: z.array(z.string()).nullable(),
    }),
  }),
);

async function inspectStack() {
  const ids = await docker(
    ...['ps', '-q', '--filter', 'label=com.docker.compose.project=sandboxed'],
  );
  return inspectedSchema
    .parse(JSON.parse(await docker('inspect', ...ids.split('\n'))))
    .map((each) => ({
      ...each,
      service: each.Config.Labels['com.docker.compose.service'] ?? '',
    }));
}

/** Sends one call through a socket from inside a container and answers status and body. */
async function ask(
  run: readonly string[],
  socketPath: string,
  method: string,
  path: string,
  body: object = {},
): Promise<string> {
  const options = { socketPath, method, path, agent: false };
  const script = `
    const body = ${JSON.stringify(JSON.stringify(body))};
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const outgoing = require('http').request({ ...${JSON.stringify(options)}, headers }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += chunk;
      console.log(incoming.statusCode + ' ' + text.slice(0, 2000));
    });
    outgoing.on('error', (error) => console.log(error.code));
    outgoing.end(body);`;
  return docker(...run, 'node', '-e', script);
}

it("the Engine's socket is mounted into the proxy alone, which has no network and can write nowhere", async () => {
  const stack = await inspectStack();
  const holders = (
    what: (mount: { Source: string; Name?: string | undefined }) => boolean,
  ) =>
    [
      ...new Set(
        stack
          .filter(({ Mounts }) => Mounts.some(what))
          .map((each) => each.service),
      ),
    ].sort();
  expect(
    holders(
      ({ Source }) =>
        /docker|containerd/.test(Source) && Source.endsWith('.sock'),
    ),
  ).toEqual(['socket-proxy']);
  expect(
    holders(({ Source }) => ['/', '/run', '/var/run'].includes(Source)),
  ).toEqual([]);
  expect(holders(({ Name }) => Name === 'sandboxed_worker-socket')).toEqual([
    'socket-proxy',
    'worker',
  ]);
  expect(
    stack.find((each) => each.service === 'socket-proxy')?.HostConfig,
  ).toEqual({
    NetworkMode: 'none',
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ['ALL'],
    CapAdd: ['DAC_READ_SEARCH'],
  });
});

it.each(['api', 'reaper', 'redis', 'firewall', 'traefik'])(
  'no way to the Engine is to be found in the %s',
  async (name) => {
    const [id = ''] = await service(name);
    expect(id).not.toBe('');
    expect(
      await docker(
        ...['exec', id, 'sh', '-c'],
        'for f in /var/run/docker.sock /run/docker.sock /run/sockets /run/containerd; do test -e $f && echo $f; done; grep -c docker /proc/net/unix; true',
      ),
      // In the host's network the names of its sockets are seen.
    ).toMatch(['firewall', 'traefik'].includes(name) ? /^\d+$/ : /^0$/);
  },
);

const PRIVILEGED = {
  Image: 'sandboxed/base-debian:bookworm',
  Cmd: ['id'],
  HostConfig: { Privileged: true, Binds: ['/:/host'] },
};

it('a worker makes sandboxes and no privileged container, and touches nothing else', async () => {
  const { id } = await fleet.create();
  const [worker = ''] = await service('worker');
  const [redis = ''] = await service('redis');
  const socket = '/run/sockets/docker.sock';
  const asWorker = (method: string, path: string, body?: object) =>
    ask(['exec', worker], socket, method, path, body);
  const name = `s-${id.toLowerCase()}`;
  expect(await asWorker('GET', `/containers/${name}/json`)).toMatch(/^200 /);
  for (const path of ['/containers/create', `/containers/create?name=${name}`])
    expect(await asWorker('POST', path, PRIVILEGED)).toMatch(
      /^403 .*Refused by /,
    );
  expect(
    await asWorker('POST', `/containers/${name}/exec`, { Cmd: ['id'] }),
  ).toMatch(/^403 /);
  expect(
    await asWorker('DELETE', `/containers/${redis}?force=true&v=true`),
  ).toMatch(/^403 .*not one of this installation/);
  expect(await asWorker('GET', `/containers/${redis}/json`)).not.toContain(
    'Env',
  );
}, 60_000);
