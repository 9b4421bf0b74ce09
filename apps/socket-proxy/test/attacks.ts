import type { Place } from '../src/place.ts';

/** A change of a body that must be refused: where, as a path, and what. */
export type Attack = readonly [
  name: string,
  path: readonly (string | number)[],
  value: unknown,
];

const mount = (
  Source: string,
  Target = '/home/sandbox',
  more: object = {},
): object => ({
  Type: 'bind',
  Source,
  Target,
  ReadOnly: false,
  BindOptions: { Propagation: 'rprivate' },
  ...more,
});

/** What somebody who took a worker over would ask the Engine for. */
export function attacks(place: Place, id: string): readonly Attack[] {
  const { dataDir, instance } = place;
  const other = `0${'Z'.repeat(25)}`;
  const host = (name: string, key: string, value: unknown): Attack => [
    name,
    ['HostConfig', key],
    value,
  ];
  const mounts = (name: string, ...list: object[]): Attack =>
    host(`mount: ${name}`, 'Mounts', list);
  const label = (name: string, key: string, value: unknown): Attack => [
    `label: ${name}`,
    ['Labels', key],
    value,
  ];
  return [
    host('privileged', 'Privileged', true),
    host('privileged in other letters', 'privileged', true),
    host('a capability', 'CapAdd', ['SYS_ADMIN']),
    host('capabilities kept', 'CapDrop', []),
    host('capabilities not named', 'CapDrop', undefined),
    host('no seccomp', 'SecurityOpt', [
      'no-new-privileges',
      'seccomp=unconfined',
    ]),
    host('no AppArmor', 'SecurityOpt', ['apparmor=unconfined']),
    host('new privileges', 'SecurityOpt', []),
    host('processes of the host', 'PidMode', 'host'),
    host('processes of another container', 'PidMode', 'container:redis'),
    host('memory of the host', 'IpcMode', 'host'),
    host('network of the host', 'NetworkMode', 'host'),
    host('network of a container', 'NetworkMode', 'container:sandboxed-api-1'),
    host('network of the control plane', 'NetworkMode', 'sandboxed_control'),
    host('the default network', 'NetworkMode', 'bridge'),
    host('host names of the host', 'UTSMode', 'host'),
    host('users of the host', 'UsernsMode', 'host'),
    host('cgroups of the host', 'CgroupnsMode', 'host'),
    host('a cgroup of its choice', 'CgroupParent', '/'),
    host('a device', 'Devices', [
      {
        PathOnHost: '/dev/vda',
        PathInContainer: '/d',
        CgroupPermissions: 'rwm',
      },
    ]),
    host('a rule for devices', 'DeviceCgroupRules', ['a *:* rwm']),
    host('a graphics card', 'DeviceRequests', [{ Count: -1 }]),
    host('a kernel setting', 'Sysctls', { 'kernel.shm_rmid_forced': '0' }),
    host('paths unmasked', 'MaskedPaths', []),
    host('paths writable', 'ReadonlyPaths', []),
    host('a writable root', 'ReadonlyRootfs', false),
    host('another runtime', 'Runtime', 'sysbox'),
    host('the socket as a bind', 'Binds', [
      '/var/run/docker.sock:/var/run/docker.sock',
    ]),
    host('volumes of a container', 'VolumesFrom', ['sandboxed-redis-1']),
    host('a volume driver', 'VolumeDriver', 'local'),
    host('a published port', 'PortBindings', {
      '22/tcp': [{ HostPort: '22' }],
    }),
    host('all ports published', 'PublishAllPorts', true),
    host('a further group', 'GroupAdd', ['docker']),
    host('a link', 'Links', ['sandboxed-redis-1:redis']),
    host('a name for an address', 'ExtraHosts', ['registry:10.0.0.1']),
    host('a name server', 'Dns', ['10.0.0.1']),
    host('a log sent away', 'LogConfig', {
      Type: 'syslog',
      Config: { 'syslog-address': 'tcp://10.0.0.1:1' },
    }),
    host('restarts by itself', 'RestartPolicy', { Name: 'always' }),
    host('no limit of memory', 'Memory', 0),
    host('swap', 'MemorySwap', -1),
    host('no limit of processes', 'PidsLimit', -1),
    host('killed last', 'OomScoreAdj', -1_000),
    host('never killed', 'OomKillDisable', true),
    host('another limit', 'Ulimits', [{ Name: 'core', Soft: -1, Hard: -1 }]),
    host('a file system over /etc', 'Tmpfs', {
      '/etc': 'rw,nosuid,nodev,exec,size=1m,mode=1777',
    }),
    host('devices in /tmp', 'Tmpfs', { '/tmp': 'rw,exec,size=1m,mode=1777' }),
    mounts('the host', mount('/')),
    mounts('the socket', mount('/var/run/docker.sock')),
    mounts('the data directory', mount(dataDir)),
    mounts('all workspaces', mount(`${dataDir}/workspaces`)),
    mounts('dots', mount(`${dataDir}/workspaces/../db`)),
    mounts('dots after its own', mount(`${dataDir}/workspaces/${id}/../../db`)),
    mounts('a slash more', mount(`${dataDir}/workspaces//${id}`)),
    mounts('a part of its home', mount(`${dataDir}/workspaces/${id}/link`)),
    mounts('another sandbox', mount(`${dataDir}/workspaces/${other}`)),
    mounts('lower case', mount(`${dataDir}/workspaces/${id.toLowerCase()}`)),
    mounts('its run directory as home', mount(`${dataDir}/run/${id}`)),
    mounts('another place', mount(`${dataDir}/workspaces/${id}`, '/etc')),
    mounts(
      'an agent to write to',
      mount(`${dataDir}/agent/0123456789abcdef`, '/opt/sandboxed'),
    ),
    mounts('a volume', mount('volume', '/home/sandbox', { Type: 'volume' })),
    mounts(
      'a bind with options',
      mount(`${dataDir}/workspaces/${id}`, '/home/sandbox', {
        BindOptions: { Propagation: 'rshared' },
      }),
    ),
    mounts(
      'a volume that is a bind by its driver',
      mount('v', '/home/sandbox', {
        VolumeOptions: { DriverConfig: { Options: { device: '/' } } },
      }),
    ),
    ['root', ['User'], ''],
    ['root by number', ['User'], '0'],
    ['group root', ['User'], '1000:0'],
    ['an entry point', ['Entrypoint'], ['/bin/sh']],
    ['volumes', ['Volumes'], { '/etc': {} }],
    ['a health check', ['Healthcheck'], { Test: ['CMD', 'true'] }],
    ['ports', ['ExposedPorts'], { '22/tcp': {} }],
    ['another host name', ['Hostname'], 'sandboxed-redis-1'],
    ['a domain', ['Domainname'], 'x'],
    ['a terminal', ['Tty'], true],
    ['a hardware address', ['MacAddress'], '02:42:ac:11:00:02'],
    [
      'a second network',
      ['NetworkingConfig', 'EndpointsConfig', 'sandboxed_control'],
      { IPAMConfig: { IPv4Address: '172.18.0.9' } },
    ],
    [
      'an alias',
      ['NetworkingConfig', 'EndpointsConfig', `${instance}-sandboxes`],
      { IPAMConfig: { IPv4Address: '10.0.0.2' }, Aliases: ['redis'] },
    ],
    label('not ours', 'sandboxed.managed', undefined),
    label('of another installation', 'sandboxed.instance', 'other'),
    label('of another sandbox', 'sandboxed.id', other),
    label('no id', 'sandboxed.id', '../..'),
    label('of compose', 'com.docker.compose.project', 'sandboxed'),
    label('of Traefik', 'traefik.http.routers.api.rule', 'Host(`x`)'),
  ];
}

/** A copy of `body` with one change; `undefined` takes the field out. */
export function changed(
  body: object,
  path: readonly (string | number)[],
  value: unknown,
): object {
  const copy: object = structuredClone(body);
  let at: object = copy;
  for (const key of path.slice(0, -1)) {
    const next: unknown = Reflect.get(at, key);
    if (typeof next !== 'object' || next === null)
      throw new Error(`${path.join('.')} is not in the body`);
    at = next;
  }
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
  return copy;
}
