import fc from 'fast-check';
import { isIP } from 'node:net';
import { createSourceOf } from './source.ts';

const from = (
  remoteAddress: string | undefined,
  forwarded: string | undefined,
  proxies: readonly string[],
): string =>
  createSourceOf(proxies)({
    socket: { remoteAddress },
    headers: {
      ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
    },
  });

it('goes by the connection, whatever a caller says of itself', () => {
  expect(from('203.0.113.9', '198.51.100.1', [])).toBe('203.0.113.9');
  expect(from('203.0.113.9', '198.51.100.1', ['10.0.0.0/8'])).toBe(
    '203.0.113.9',
  );
  expect(from('::ffff:203.0.113.9', undefined, [])).toBe('203.0.113.9');
  expect(from(undefined, '198.51.100.1', ['10.0.0.0/8'])).toBe('');
});

it('believes a trusted proxy the last address that is none of ours', () => {
  const proxies = ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'];
  expect(from('10.1.2.3', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(from('::ffff:10.1.2.3', '198.51.100.1', proxies)).toBe('198.51.100.1');
  expect(from('2001:db8::9', '2001:aaaa::1', proxies)).toBe('2001:aaaa::1');
  const spoofed = '1.1.1.1, 198.51.100.1 , 192.0.2.1';
  expect(from('10.1.2.3', spoofed, proxies)).toBe('198.51.100.1');
  expect(from('192.0.2.1', '10.9.9.9', proxies)).toBe('10.9.9.9');
});

it.each(['', 'unknown', '<script>', '198.51.100.1:80', 'x'.repeat(9_000)])(
  'takes the proxy itself when it forwards no address: %p',
  (forwarded) => {
    expect(from('10.1.2.3', forwarded, ['10.0.0.0/8'])).toBe('10.1.2.3');
  },
);

it('is always an address, and never one before an address that is none of ours', () => {
  const hops = fc.array(
    fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string(),
      fc.constantFrom('10.1.1.1', '', ' '),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(hops, fc.ipV4(), (chain, caller) => {
      const proxies = ['10.0.0.0/8'];
      const told = from('10.1.2.3', chain.join(), proxies);
      expect(isIP(told)).not.toBe(0);
      if (caller.startsWith('10.')) return;
      expect(from('10.1.2.3', [...chain, caller].join(), proxies)).toBe(caller);
      expect(from(caller, chain.join(), proxies)).toBe(caller);
    }),
  );
});
