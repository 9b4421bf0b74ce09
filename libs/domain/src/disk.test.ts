import type { DiskFigures, Filler } from './disk.ts';
import {
  DISK_GRACE_MS,
  diskLimit,
  diskShare,
  fillersOf,
  isDiskShort,
  isOverdue,
  measureActiveAt,
  measureAgainMs,
  nextDiskLevel,
  roomOnDisk,
} from './disk.ts';
import { DomainError } from './errors.ts';
import { DEFAULT_LIMITS, sandboxRecordSchema } from './sandbox.ts';

const MIB = 1_048_576;
const LIMIT = { bytes: 100 * MIB, files: 1_000 };
const use = (percent: number, files = 0) => ({ bytes: percent * MIB, files });
const NONE = use(0);

describe('a limit', () => {
  it('is of bytes and of files, as many as ext4 makes inodes for, within bounds', () => {
    expect(diskLimit({ disk_mb: 10_240 })).toEqual({
      bytes: 10_240 * MIB,
      files: 655_360,
    });
    expect(diskLimit({ disk_mb: 64 }).files).toBe(50_000);
    expect(diskLimit({ disk_mb: 4_194_304 }).files).toBe(1_500_000);
  });

  it('is reached by bytes or by files, whichever is more', () => {
    expect(diskShare(use(50, 200), LIMIT)).toBe(0.5);
    expect(diskShare(use(50, 1_200), LIMIT)).toBe(1.2);
  });

  it('leaves room for writes until one of them is reached, then says what to do', () => {
    expect(roomOnDisk(use(99, 999), LIMIT)).toBe(MIB);
    for (const full of [use(100), use(0, 1_000)]) {
      const refused = () => roomOnDisk(full, LIMIT);
      expect(refused).toThrow(DomainError);
      expect(refused).toThrow(
        /of 100 MiB and \d+ of 1000 files.*raise limits\.disk_mb/,
      );
    }
  });
});

it('enters levels at 90 and 100 %, and leaves them later, so that each is told once', () => {
  let level = nextDiskLevel('ok', 0);
  const levels = [89, 90, 86, 91, 84, 90, 99, 100, 96, 94, 100, 84].map(
    (percent) => (level = nextDiskLevel(level, percent / 100)),
  );
  expect(levels.join(' ')).toBe(
    'ok high high high ok high high full full high full ok',
  );
});

describe('a sandbox above its limit', () => {
  const SINCE = 1_000_000;
  const over = (figures: Partial<DiskFigures>): boolean =>
    isOverdue(
      {
        ...use(105),
        grown: NONE,
        measuredAt: SINCE + DISK_GRACE_MS,
        fullSince: SINCE,
        ...figures,
      },
      LIMIT,
    );

  it('is stopped once a measurement after its grace still says so', () => {
    expect(over({})).toBe(true);
    expect(over({ measuredAt: SINCE + DISK_GRACE_MS - 1 })).toBe(false);
    expect(over({ ...use(99) })).toBe(false);
    expect(over({ fullSince: null })).toBe(false);
  });

  it('is stopped without grace when it is far above and grows, by bytes or by files', () => {
    const measuredAt = SINCE + 1;
    expect(over({ ...use(120), grown: use(2), measuredAt })).toBe(true);
    expect(over({ ...use(0, 1_200), grown: use(0, 20), measuredAt })).toBe(
      true,
    );
    expect(over({ ...use(120), grown: use(0.5), measuredAt })).toBe(false);
    expect(over({ ...use(105), grown: use(2), measuredAt })).toBe(false);
  });

  it('is not judged by what was measured before it was started', () => {
    expect(over({ ...use(300), grown: use(200), measuredAt: SINCE })).toBe(
      false,
    );
  });
});

describe('measuring again', () => {
  const again = (last: Partial<Parameters<typeof measureAgainMs>[0]>) =>
    measureAgainMs({
      ...{ share: 0, costMs: 1, hasChanged: true, sinceMs: 15_000 },
      ...last,
    });

  it('comes soon after a change or close to the limit, ever later while nothing changes', () => {
    expect(again({})).toBe(15_000);
    expect(again({ share: 0.9 })).toBe(5_000);
    expect(again({ hasChanged: false })).toBe(30_000);
    expect(again({ hasChanged: false, sinceMs: 30_000 })).toBe(60_000);
    expect(again({ hasChanged: false, sinceMs: 60_000 })).toBe(60_000);
  });

  it('costs a bounded share of a processor, whatever the tree', () => {
    expect(again({ costMs: 5_000 })).toBe(100_000);
    expect(again({ costMs: 5_000, share: 1 })).toBe(25_000);
    expect(again({ costMs: 120_000 })).toBe(600_000);
    expect(measureActiveAt(1_000, 5_000)).toBe(101_000);
    expect(measureActiveAt(1_000, 1)).toBe(16_000);
  });
});

describe('a host', () => {
  const space = (freeMb: number, freeInodes = 1, totalMb = 100_000) => ({
    freeMb,
    freeInodes,
    totalMb,
  });

  it('is short below a twentieth or 10 GiB, and no more at 1.5 times that', () => {
    expect(isDiskShort(false, space(4_999))).toBe(true);
    expect(isDiskShort(false, space(5_000))).toBe(false);
    expect(isDiskShort(true, space(7_499))).toBe(true);
    expect(isDiskShort(true, space(7_500))).toBe(false);
    expect(isDiskShort(false, space(10_239, 1, 10_000_000))).toBe(true);
    expect(isDiskShort(false, space(10_240, 1, 10_000_000))).toBe(false);
    expect(isDiskShort(false, space(50_000, 0.04))).toBe(true);
  });

  const SHORT = 2_000;
  let made = 0;
  const filler = (figures: Partial<Filler> = {}): Filler => {
    made += 1;
    const sandbox = sandboxRecordSchema.parse({
      id: `01ARZ3NDEK${String(made).padStart(16, '0')}`,
      ...{ tenant: 't', name: null, state: 'running', state_reason: '' },
      ...{ state_actor: '', error_code: null, error_message: null },
      ...{ image: 'i', template: null, ports: [], env_names: [], labels: {} },
      limits: { ...DEFAULT_LIMITS, disk_mb: 100 },
      ...{ idle_policy: 'sleep', idle_timeout_seconds: 60 },
      ...{ visibility: 'public', wake: 'on_request', egress: 'open' },
      ...{ external: {}, generation: 1, version: 1, has_workspace: true },
      preview_generation: 0,
      ...{ reserved_mb: 0, created_at: 1, updated_at: 1, last_active_at: 1 },
      ...{ keepalive_until: null, stopped_at: null },
    });
    return {
      ...{ sandbox, cpuPercent: 0, ...use(50), grown: NONE, fullSince: null },
      measuredAt: SHORT + 1,
      ...figures,
    };
  };

  it('stops who is above its limit first, then who grew most, and nobody else', () => {
    const idle = filler();
    const some = filler({ grown: use(64) });
    const most = filler({ grown: use(70) });
    const files = filler({ grown: use(0, 10_000) });
    const over = filler(use(101));
    expect(fillersOf([idle, files, some, over, most], SHORT, 1_000)).toEqual([
      over,
      most,
      some,
      files,
    ]);
  });

  it('judges nobody by what was measured before', () => {
    expect(
      fillersOf([filler({ ...use(300), measuredAt: SHORT })], SHORT, 1_000),
    ).toEqual([]);
  });

  it('stops the busiest one when the room shrinks and nobody was seen to grow, once all were measured', () => {
    const calm = filler({ cpuPercent: 9 });
    const busy = filler({ cpuPercent: 20 });
    const busiest = filler({ cpuPercent: 90 });
    expect(fillersOf([calm, busy, busiest], SHORT, 64)).toEqual([busiest]);
    expect(fillersOf([calm, busy, busiest], SHORT, 63)).toEqual([]);
    expect(fillersOf([calm], SHORT, 64)).toEqual([]);
    const old = filler({ measuredAt: SHORT });
    expect(fillersOf([busiest, old], SHORT, 64)).toEqual([]);
  });
});
