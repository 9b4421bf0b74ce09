import type { InstallationFacts } from './doctor.ts';
import { diagnose } from './doctor.ts';
import type { EngineFacts } from './engine-facts.ts';
import { parseEngineFacts } from './engine-facts.ts';

const ENGINE: EngineFacts = {
  engine: '29.9.0',
  runc: '1.3.3',
  containerd: '2.2.0',
  kernel: '6.12.0',
  seccomp: true,
  bridgeNetfilter: true,
  runtimes: ['runc'],
  clockAheadMs: 3,
};
const SOUND: InstallationFacts = {
  engine: ENGINE,
  isOpen: false,
  disk: { freeMb: 50_000, totalMb: 100_000, freeInodes: 0.9, isOwn: true },
  bridgeNetfilter: true,
  isClockKept: true,
  recordsAheadMs: 0,
};
const codes = (facts: Partial<InstallationFacts>): string[] =>
  diagnose({ ...SOUND, ...facts }).map(
    ({ severity, code }) => `${severity} ${code}`,
  );
const withEngine = (engine: Partial<EngineFacts>) => ({
  engine: { ...ENGINE, ...engine },
});

it('has nothing to say of a sound installation, nor of one that nothing is known of', () => {
  expect(codes({})).toEqual([]);
  const unknown = Object.fromEntries(
    Object.keys(SOUND).map((name) => [name, undefined]),
  );
  expect(codes(unknown)).toEqual([]);
});

it.each<[Partial<InstallationFacts>, string]>([
  [withEngine({ runc: '1.1.12' }), 'critical runc_known_escape'],
  [withEngine({ engine: '29.6.0' }), 'warning engine_known_escape'],
  [withEngine({ seccomp: false }), 'critical seccomp_missing'],
  [{ bridgeNetfilter: false }, 'critical br_netfilter_missing'],
  [{ isOpen: true }, 'warning auth_off'],
  [withEngine({ clockAheadMs: -2_500 }), 'warning clock_skew'],
  [{ recordsAheadMs: 60_000 }, 'warning clock_skew'],
  [{ isClockKept: false }, 'warning clock_not_kept'],
  [
    { disk: { freeMb: 9_000, totalMb: 100_000, freeInodes: 1, isOwn: true } },
    'warning disk_low',
  ],
  [
    { disk: { freeMb: 1_900, totalMb: 4_000, freeInodes: 1, isOwn: true } },
    'critical disk_low',
  ],
  [
    {
      disk: { freeMb: 50_000, totalMb: 100_000, freeInodes: 0.05, isOwn: true },
    },
    'warning inodes_low',
  ],
  [
    { disk: { freeMb: 50_000, totalMb: 100_000, freeInodes: 1, isOwn: false } },
    'warning disk_without_quota',
  ],
])('of %j warns %s', (facts, warning) => {
  expect(codes(facts)).toEqual([warning]);
});

it('takes the kernel’s word for bridges before the Engine’s', () => {
  const engine = withEngine({ bridgeNetfilter: false });
  expect(codes({ ...engine, bridgeNetfilter: true })).toEqual([]);
  expect(codes({ ...engine, bridgeNetfilter: undefined })).toEqual([
    'critical br_netfilter_missing',
  ]);
});

it('puts what is critical first', () => {
  expect(codes({ isOpen: true, ...withEngine({ seccomp: false }) })).toEqual([
    'critical seccomp_missing',
    'warning auth_off',
  ]);
});

it('reads what an Engine answers, and knows what a new one leaves out', () => {
  const at = Date.parse('2026-11-25T04:00:00Z');
  const version = {
    Version: '26.1.5+dfsg1',
    Components: [
      { Name: 'Engine', Version: '26.1.5+dfsg1' },
      { Name: 'containerd', Version: '1.7.24~ds1' },
      { Name: 'runc', Version: '1.1.5+ds1' },
    ],
  };
  const info = {
    KernelVersion: '6.1.0',
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    BridgeNfIptables: true,
    Runtimes: { runc: {}, 'io.containerd.runc.v2': {} },
    SystemTime: '2026-11-25T04:00:01.500Z',
  };
  expect(parseEngineFacts(version, info, at)).toEqual({
    engine: '26.1.5+dfsg1',
    runc: '1.1.5+ds1',
    containerd: '1.7.24~ds1',
    kernel: '6.1.0',
    seccomp: true,
    bridgeNetfilter: true,
    runtimes: ['io.containerd.runc.v2', 'runc'],
    clockAheadMs: 1_500,
  });
  const { Version } = version;
  const { SystemTime } = info;
  expect(parseEngineFacts({ Version }, { SystemTime }, at)).toMatchObject({
    runc: null,
    seccomp: false,
    bridgeNetfilter: null,
    runtimes: [],
  });
});
