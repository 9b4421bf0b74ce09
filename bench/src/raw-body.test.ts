import { addressFromTop, rawBody } from './raw-body.ts';

const inspected = {
  Id: 'not taken over',
  Config: {
    ...{ Image: 'image', User: '1000:1000', WorkingDir: '/home', Env: [] },
    Labels: { 'sandboxed.instance': 'sandboxed' },
  },
  HostConfig: {
    ...{ Init: true, Runtime: 'runc', NetworkMode: 'net', DnsOptions: [] },
    ...{ Memory: 1, MemorySwap: 1, NanoCpus: 1, PidsLimit: 1 },
    ...{ CapDrop: ['ALL'], SecurityOpt: [], ReadonlyRootfs: true },
    ...{ MaskedPaths: [], ReadonlyPaths: [], IpcMode: 'private' },
    ...{ OomScoreAdj: 500, Ulimits: [], Tmpfs: { '/tmp': 'rw' } },
    LogConfig: { Type: 'json-file', Config: {} },
    Mounts: [
      { Type: 'bind', Source: '/data/home', Target: '/home' },
      { Type: 'bind', Source: '/agent', Target: '/opt', ReadOnly: true },
    ],
  },
};
const own = {
  ...{ command: ['sleep'], address: '10.0.0.9', run: 'r' },
  writable: (target: string) => `/own${target}`,
};

it('has the walls of a sandbox, but neither its labels nor its files', () => {
  const body = rawBody(inspected, own);
  expect(body.Labels).toEqual({ 'sandboxed.bench': 'r' });
  expect(body.HostConfig).toMatchObject({ Init: true, CapDrop: ['ALL'] });
  expect(body.HostConfig.Mounts.map(({ Source }) => Source)).toEqual([
    '/own/home',
    '/agent',
  ]);
  expect(body.NetworkingConfig.EndpointsConfig).toEqual({
    net: { IPAMConfig: { IPv4Address: '10.0.0.9' } },
  });
});

it('counts addresses from the top of a subnet', () => {
  expect(addressFromTop('172.18.0.0/16', 0)).toBe('172.18.255.254');
  expect(addressFromTop('172.18.0.0/16', 255)).toBe('172.18.254.255');
  expect(addressFromTop('192.168.16.0/20', 1)).toBe('192.168.31.253');
});
