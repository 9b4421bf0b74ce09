import fc from 'fast-check';
import { formatAddress, isUsable, nextAddress } from './addresses.ts';
import { DomainError } from './errors.ts';

const subnet = { cidr: '10.0.0.0/29', gateway: '10.0.0.1' };
const BASE = 10 * 256 ** 3;
const USABLE = [2, 3, 4, 5, 6].map((host) => BASE + host);

/** A subnet of 4 to 1,024 addresses, its gateway and its usable addresses. */
const subnets = fc
  .record({
    prefix: fc.integer({ min: 22, max: 30 }),
    index: fc.nat({ max: 2 ** 22 - 1 }),
    gateway: fc.nat(),
  })
  .map(({ prefix, index, gateway }) => {
    const size = 2 ** (32 - prefix);
    const network = (index % 2 ** prefix) * size;
    const door = network + 1 + (gateway % (size - 2));
    const all = Array.from(
      { length: size - 2 },
      (_, host) => network + 1 + host,
    );
    return {
      subnet: {
        cidr: `${formatAddress(network)}/${prefix}`,
        gateway: formatAddress(door),
      },
      usable: all.filter((address) => address !== door),
    };
  });

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'no error';
}

it('goes round the subnet without network, gateway and broadcast address', () => {
  let last: number | undefined;
  const given = Array.from({ length: 7 }, () => {
    last = nextAddress(subnet, () => false, last);
    return formatAddress(last);
  });
  expect(given).toEqual([
    '10.0.0.2',
    '10.0.0.3',
    '10.0.0.4',
    '10.0.0.5',
    '10.0.0.6',
    '10.0.0.2',
    '10.0.0.3',
  ]);
});

it('begins anew where the last one was of another subnet', () => {
  for (const last of [1, 4_000_000_000])
    expect(USABLE).toContain(nextAddress(subnet, () => false, last));
});

it('says that a full subnet is full', () => {
  expect(
    codeOf(() =>
      nextAddress(subnet, (address) => USABLE.includes(address), USABLE[1]),
    ),
  ).toBe('no_capacity');
});

it('writes addresses of the upper half, too', () => {
  expect(formatAddress(192 * 256 ** 3 + 168 * 65_536 + 160 * 256 + 7)).toBe(
    '192.168.160.7',
  );
});

it('gives only usable addresses that are not taken, and full is full', () => {
  fc.assert(
    fc.property(
      subnets,
      fc.func(fc.boolean()),
      fc.option(fc.nat(), { nil: undefined }),
      ({ subnet: net, usable }, isTaken, start) => {
        const taken = new Set(usable.filter((address) => isTaken(address)));
        const last =
          start === undefined ? undefined : usable[start % usable.length];
        const free = usable.filter((address) => !taken.has(address));
        if (free.length === 0) {
          expect(
            codeOf(() =>
              nextAddress(net, (address) => taken.has(address), last),
            ),
          ).toBe('no_capacity');
          return;
        }
        const given = nextAddress(net, (address) => taken.has(address), last);
        expect(free).toContain(given);
        expect(isUsable(net, given)).toBe(true);
      },
    ),
  );
});

it('gives a free address again only after all others were given', () => {
  fc.assert(
    fc.property(subnets, fc.nat(), ({ subnet: net, usable }, start) => {
      let last = usable[start % usable.length];
      const given = usable.map(() => {
        last = nextAddress(net, () => false, last);
        return last;
      });
      expect(new Set(given)).toEqual(new Set(usable));
    }),
    { numRuns: 20 },
  );
});
