import fc from 'fast-check';
import type { SandboxId } from './ids.ts';
import { parseSandboxId } from './ids.ts';
import { parsePreviewHost, previewHost, previewUrl } from './preview.ts';

function id(): SandboxId {
  const parsed = parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  if (parsed === undefined) throw new Error('test id is no ULID');
  return parsed;
}

describe('preview hosts', () => {
  it('are read back from what is written, whatever the case and the port', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 65_535 })),
        (port, upper, published) => {
          const host = previewHost(id(), port, 'example.org');
          const sent =
            (upper ? host.toUpperCase() : host) +
            (published === null ? '' : `:${String(published)}`);
          expect(parsePreviewHost(sent, 'example.org')).toEqual({
            id: id(),
            port,
          });
        },
      ),
    );
  });

  it.each([
    'example.org',
    's-01arz3ndektsv4rrffq69g5fav-0.preview.example.org',
    's-01arz3ndektsv4rrffq69g5fav-65536.preview.example.org',
    's-01arz3ndektsv4rrffq69g5fav-3000.preview.example.com',
    's-01arz3ndektsv4rrffq69g5fav-3000.previewxexample.org',
    'x.s-01arz3ndektsv4rrffq69g5fav-3000.preview.example.org',
    's-../../../../../../../../etc-3000.preview.example.org',
  ])('are not %s', (host) => {
    expect(parsePreviewHost(host, 'example.org')).toBeUndefined();
  });

  it('appear in URLs with the port only where it is not the usual one', () => {
    const base = { domain: 'localhost', scheme: 'http' } as const;
    expect(previewUrl(id(), 3000, { ...base, port: 80 })).toBe(
      'http://s-01arz3ndektsv4rrffq69g5fav-3000.preview.localhost',
    );
    expect(previewUrl(id(), 3000, { ...base, port: 8080 })).toMatch(/:8080$/);
  });
});
