import type { ContainerSpec } from '@sandboxed/domain';
import { createOptions, limitOptions } from './create-options.ts';

const spec: ContainerSpec = {
  name: 's-one',
  image: 'some/image:1',
  command: ['run', 'me'],
  user: '1000:1000',
  workingDir: '/home/sandbox',
  env: { LANG: 'C.UTF-8', EMPTY: '' },
  labels: { 'sandboxed.managed': 'true' },
  network: 'sandboxes',
  address: '10.0.0.2',
  runtime: 'runc',
  memoryBytes: 512 * 1_048_576,
  nanoCpus: 1_500_000_000,
  pids: 256,
  openFiles: 4_096,
  tmpfs: { '/tmp': 'rw,size=16m' },
  mounts: [{ source: '/host/a', target: '/a', readOnly: true }],
  logMaxSize: '1m',
  stopTimeoutSeconds: 10,
};
const host = { cgroupVersion: 2, cpus: 2 } as const;

test('the container has no capabilities, no new privileges and a read-only root', () => {
  expect(createOptions(spec, host).HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Privileged: false,
    CgroupnsMode: 'private',
    OomScoreAdj: 500,
    OomKillDisable: false,
    RestartPolicy: { Name: 'no' },
    Init: true,
  });
});

test('memory leaves no room for swap', () => {
  const { HostConfig } = createOptions(spec, host);
  expect(HostConfig.Memory).toBe(spec.memoryBytes);
  expect(HostConfig.MemorySwap).toBe(spec.memoryBytes);
});

test('the entry point, stop signal and health check of the image do not count', () => {
  expect(createOptions(spec, host)).toMatchObject({
    Entrypoint: [],
    Cmd: ['run', 'me'],
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['NONE'] },
  });
});

test('a mount is a bind whose source must exist', () => {
  const { HostConfig } = createOptions(spec, host);
  expect(HostConfig.Binds).toBeUndefined();
  expect(HostConfig.Mounts).toEqual([
    {
      Type: 'bind',
      Source: '/host/a',
      Target: '/a',
      ReadOnly: true,
      BindOptions: { Propagation: 'rprivate' },
    },
  ]);
});

test('variables become assignments, empty ones too', () => {
  expect(createOptions(spec, host).Env).toEqual(['LANG=C.UTF-8', 'EMPTY=']);
});

test('a name that nobody answers for fails within seconds', () => {
  expect(createOptions(spec, host).HostConfig.DnsOptions).toEqual([
    'timeout:1',
    'attempts:1',
  ]);
});

test('the log is one bounded file', () => {
  expect(createOptions(spec, host).HostConfig.LogConfig).toEqual({
    Type: 'json-file',
    Config: { 'max-size': '1m', 'max-file': '1' },
  });
});

test('a host with cgroup version 1 keeps the namespace mode of the Engine', () => {
  const body = createOptions(spec, { ...host, cgroupVersion: 1 });
  expect(body.HostConfig).not.toHaveProperty('CgroupnsMode');
});

test('more CPUs than the host has are all of them', () => {
  const limits = { ...spec, nanoCpus: 64e9 };
  expect(limitOptions(limits, host).NanoCpus).toBe(2e9);
});
