import type { LookupAddress } from 'node:dns';
import { createAddressGuard } from './address-guard.ts';

const none = (): Promise<LookupAddress[]> => Promise.resolve([]);

/** Whether a host that is an address is let through. */
function lets(host: string, allow: readonly string[] = []): boolean {
  try {
    createAddressGuard(allow, none).assertHost(new URL(host).hostname);
    return true;
  } catch {
    return false;
  }
}

it.each([
  'http://127.0.0.1',
  'http://127.1',
  'http://2130706433',
  'http://0x7f.0.0.1',
  'http://0.0.0.0',
  'http://10.1.2.3',
  'http://172.17.0.1',
  'http://192.168.1.1',
  'http://100.64.0.1',
  'http://169.254.169.254',
  'http://168.63.129.16',
  'http://224.0.0.1',
  'http://255.255.255.255',
  'http://[::]',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
  'http://[::ffff:a9fe:a9fe]',
  'http://[::127.0.0.1]',
  'http://[64:ff9b::a00:1]',
  'http://[2002:a00:1::]',
  'http://[2001:0:1::]',
  'http://[fe80::1]',
  'http://[fd00::1]',
  'http://[fd00:ec2::254]',
  'http://[ff02::1]',
])('refuses %s', (host) => {
  expect(lets(host)).toBe(false);
});

it.each([
  'http://1.1.1.1',
  'http://[2606:4700:4700::1111]',
  'http://a.example',
])('lets %s through', (host) => {
  expect(lets(host)).toBe(true);
});

it('lets through what is allowed, and no more', () => {
  const allow = ['10.0.0.0/8', '127.0.0.1', 'fd00::/8'];
  expect(lets('http://10.9.9.9', allow)).toBe(true);
  expect(lets('http://[::ffff:10.9.9.9]', allow)).toBe(true);
  expect(lets('http://127.0.0.1', allow)).toBe(true);
  expect(lets('http://127.0.0.2', allow)).toBe(false);
  expect(lets('http://[fd12::1]', allow)).toBe(true);
  expect(lets('http://[fe80::1]', allow)).toBe(false);
});

const address = (text: string): LookupAddress => ({
  address: text,
  family: text.includes(':') ? 6 : 4,
});

/** What a socket gets for a name that has these addresses. */
const lookedUp = (addresses: readonly string[]): Promise<unknown> =>
  new Promise((resolve) => {
    const guard = createAddressGuard([], () =>
      Promise.resolve(addresses.map(address)),
    );
    guard.lookup('name.example', { all: true }, (error, found) => {
      resolve(error?.name ?? found);
    });
  });

it('gives a socket the very addresses that it looked at', async () => {
  expect(await lookedUp(['1.1.1.1', '2606:4700:4700::1111'])).toEqual([
    { address: '1.1.1.1', family: 4 },
    { address: '2606:4700:4700::1111', family: 6 },
  ]);
});

it('refuses a name with one private address among public ones, and one without any', async () => {
  expect(await lookedUp(['1.1.1.1', '10.0.0.1'])).toBe('RefusedAddressError');
  expect(await lookedUp(['::ffff:10.0.0.1'])).toBe('RefusedAddressError');
  expect(await lookedUp([])).toBe('RefusedAddressError');
});
