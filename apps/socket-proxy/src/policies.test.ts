import type { Asked, Plan } from './call.ts';
import { Refusal } from './call.ts';
import type { Place } from './place.ts';
import { readTarget } from './read-target.ts';
import { workerPolicy } from './worker-policy.ts';

const place: Place = {
  instance: 'sandboxed',
  dataDir: '/var/lib/sandboxed',
  runtime: 'runc',
  bridgePrefix: 'sbxd',
};
const policy = workerPolicy(place);

function ask(line: string, body?: unknown): Plan {
  const [method = '', target = ''] = line.split(' ');
  const asked: Asked = { method, ...readTarget(target), body };
  return policy(asked);
}
const id = 'a'.repeat(64);
const OURS = ['sandboxed.managed=true', 'sandboxed.instance=sandboxed'];

/** Calls that would do harm, or that nobody needs. */
const HARMFUL = [
  'POST /containers/x/exec',
  'POST /exec/x/start',
  'POST /exec/x/resize',
  'GET /containers/x/archive?path=/',
  'PUT /containers/x/archive?path=/',
  'HEAD /containers/x/archive?path=/',
  'GET /containers/x/export',
  'POST /containers/x/attach?stream=1',
  'GET /containers/x/attach/ws',
  'GET /containers/x/logs?stdout=1',
  'GET /containers/x/top',
  'GET /containers/x/changes',
  'POST /containers/x/kill',
  'POST /containers/x/restart',
  'POST /containers/x/pause',
  'POST /containers/x/wait',
  'POST /containers/prune',
  'POST /commit?container=x',
  'POST /build',
  'POST /build/prune',
  'POST /session',
  'POST /grpc',
  'POST /auth',
  'GET /images/json',
  'POST /images/load',
  'POST /images/create?fromSrc=-',
  'POST /images/create?fromImage=x&fromSrc=-',
  'POST /images/create?fromImage=x&platform=y',
  'POST /images/x/push',
  'POST /images/x/tag?repo=y',
  'DELETE /images/x',
  'GET /images/get',
  'GET /volumes',
  'POST /volumes/create',
  'DELETE /volumes/x',
  'GET /networks',
  'GET /networks?filters=%7B%7D',
  'GET /networks?filters=%7B%22name%22%3A%5B%22sandboxed_control%22%5D%7D',
  'GET /networks/x',
  'DELETE /networks/sandboxed_control',
  'POST /networks/x/connect',
  'POST /networks/x/disconnect',
  'POST /networks/prune',
  'POST /swarm/init',
  'GET /swarm',
  'GET /nodes',
  'POST /services/create',
  'GET /tasks',
  'GET /secrets',
  'POST /secrets/create',
  'GET /configs',
  'GET /plugins',
  'POST /plugins/pull?remote=x',
  'GET /system/df',
  'GET /distribution/x/json',
  'GET /containers/x/json?size=1',
  `GET /containers/x/stats?stream=true&one-shot=true`,
  'POST /containers/x/start?checkpoint=y',
  'POST /containers/x/start?detachKeys=y',
  'DELETE /containers/x?force=true&v=true&link=true',
  'POST /containers/create',
  'POST /containers/create?name=x&platform=y',
  'POST /containers/x/wait?condition=removed',
  'PATCH /containers/x',
  'CONNECT /info',
  'OPTIONS /info',
  'GET /containers/json?filters=%7B%22volume%22%3A%5B%22x%22%5D%7D',
  'GET /events?filters=%7B%22type%22%3A%5B%22secret%22%5D%7D',
  'GET /events?since=0',
];

test.each(HARMFUL)('nobody may %s', (line) => {
  expect(() => ask(line, {})).toThrow(Refusal);
});

/** What changes something, or tells of the host. */
const CHANGING = [
  'POST /containers/x/start',
  'POST /containers/x/stop?t=10',
  'POST /containers/x/wait?condition=not-running',
  'POST /containers/x/unpause',
  `DELETE /containers/${id}?force=true&v=true`,
  `DELETE /networks/${id}`,
  'POST /images/create?fromImage=debian&tag=bookworm',
  'GET /info',
  'GET /containers/x/stats?stream=false&one-shot=true',
];

test.each(CHANGING)('a worker may %s', (line) => {
  expect(ask(line)).toBeDefined();
});

test('lists and events show what is ours alone, whatever a worker filters by', () => {
  for (const filters of [
    '{}',
    '{"label":["sandboxed.instance=other"]}',
    '{"type":{"container":true}}',
    '{"label":{"sandboxed.instance=other":true}}',
  ])
    for (const path of ['/containers/json', '/events']) {
      if (path === '/containers/json' && filters.includes('type')) continue;
      const plan = ask(`GET ${path}?filters=${encodeURIComponent(filters)}`);
      if (plan.kind !== 'send') throw new Error(plan.kind);
      const sent: unknown = JSON.parse(plan.call.query?.['filters'] ?? '');
      expect(sent).toMatchObject({ label: expect.arrayContaining(OURS) });
    }
});

test('a container is acted on by the id that the Engine told, not by what the client wrote', () => {
  const plan = ask('POST /containers/x/start');
  if (plan.kind !== 'container') throw new Error(plan.kind);
  const mounts = ['/var/lib/sandboxed/workspaces/x'];
  expect(plan.call({ dockerId: id, sandboxId: 'X', mounts })).toEqual({
    method: 'POST',
    path: `/containers/${id}/start`,
    mounts,
  });
});

test('a container gets no name but that of its sandbox', () => {
  const plan = ask('POST /containers/x/rename?name=s-y');
  if (plan.kind !== 'container') throw new Error(plan.kind);
  const call = (sandboxId: string) =>
    plan.call({ dockerId: id, sandboxId, mounts: [] });
  expect(call('Y').query).toEqual({ name: 's-y' });
  expect(() => call('Z')).toThrow(Refusal);
});

const limits = {
  Memory: 1_000,
  MemorySwap: 1_000,
  NanoCpus: 1,
  PidsLimit: 1,
};
test('limits are changed, never taken away, and nothing else with them', () => {
  const update = (body: unknown) => ask('POST /containers/x/update', body);
  expect(update(limits)).toMatchObject({ kind: 'container' });
  for (const change of [
    { Memory: 0, MemorySwap: 0 },
    { MemorySwap: -1 },
    { PidsLimit: -1 },
    { PidsLimit: 0 },
    { RestartPolicy: { Name: 'always' } },
    { Devices: [] },
    { memory: 1 },
  ])
    expect(() => update({ ...limits, ...change })).toThrow(Refusal);
});

const network = {
  Name: 'sandboxed-sandboxes',
  CheckDuplicate: true,
  Driver: 'bridge',
  Internal: false,
  Attachable: false,
  EnableIPv6: false,
  IPAM: {
    Driver: 'default',
    Config: [{ Subnet: '172.20.0.0/16', Gateway: '172.20.0.1' }],
  },
  Options: {
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.bridge.name': 'sbxd-open',
  },
  Labels: {
    'sandboxed.managed': 'true',
    'sandboxed.instance': 'sandboxed',
    'sandboxed.subnet': '172.20.0.0/16',
  },
};
const config = (Subnet: string) => ({
  ...network.IPAM,
  Config: [{ Subnet, Gateway: '172.20.0.1' }],
});
test('a sandbox network is made as workers make it, and no other', () => {
  const make = (body: unknown) => ask('POST /networks/create', body);
  expect(make(network)).toMatchObject({ call: { body: network } });
  for (const change of [
    { Name: 'sandboxed_control' },
    { Name: 'sandboxed-isolated' },
    { Driver: 'host' },
    { Driver: 'macvlan' },
    { Attachable: true },
    { Ingress: true },
    { Scope: 'swarm' },
    { ConfigFrom: { Network: 'x' } },
    {
      Options: {
        ...network.Options,
        'com.docker.network.bridge.name': 'docker0',
      },
    },
    {
      Options: {
        ...network.Options,
        'com.docker.network.bridge.enable_icc': 'true',
      },
    },
    { Options: { ...network.Options, parent: 'eth0' } },
    { Labels: {} },
    { IPAM: config('8.8.8.0/24') },
    { IPAM: config('169.254.169.0/24') },
    { IPAM: config('10.0.0.0/8') },
    { IPAM: config('0.0.0.0/0') },
    { IPAM: { ...network.IPAM, Driver: 'other' } },
  ])
    expect(() => make({ ...network, ...change })).toThrow(Refusal);
});
