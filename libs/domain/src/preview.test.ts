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

  it('are read of no other text, whatever a client sends', () => {
    const host = previewHost(id(), 3000, 'example.org');
    const piece = fc.constantFrom(
      ...[
        's-',
        '-',
        '.',
        ':',
        '0',
        '80',
        '65536',
        '01',
        'preview',
        'S',
        '\0',
        '\n',
        '/',
        '@',
        '\u212a',
        'example.org',
      ],
      host,
      id(),
    );
    const texts = fc.oneof(
      fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
      fc
        .tuple(piece, piece)
        .map(([id, port]) => `s-${id}-${port}.preview.example.org`),
      fc
        .tuple(fc.nat(host.length), fc.nat(3), piece)
        .map(
          ([at, gone, put]) => host.slice(0, at) + put + host.slice(at + gone),
        ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = parsePreviewHost(text, 'example.org');
        if (read === undefined) return;
        const named = previewHost(read.id, read.port, 'example.org');
        expect(text.toLowerCase()).toMatch(
          new RegExp(`^${named.replaceAll('.', '\\.')}\\.?(:\\d{1,5})?$`),
        );
      }),
      { numRuns: 500 },
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
