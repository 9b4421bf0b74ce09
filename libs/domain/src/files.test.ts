import fc from 'fast-check';
import {
  entryPathSchema,
  filePathSchema,
  writeFileRequestSchema,
} from './files.ts';

const names = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((name) => !/[/\0]/.test(name) && name !== '.' && name !== '..');

describe('a path', () => {
  it('of ordinary names comes apart into just these', () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 20 }), (parts) => {
        expect(filePathSchema.parse(parts.join('/'))).toEqual(parts);
      }),
    );
  });

  it('that is accepted never climbs, whatever the text', () => {
    const pieces = fc.constantFrom(
      '..',
      '.',
      '',
      '/',
      'a',
      '\0',
      '\ud800',
      '…',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('/')),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = filePathSchema.safeParse(text);
        if (!parsed.success) return;
        for (const part of parsed.data) {
          expect(['', '.', '..']).not.toContain(part);
          expect(part).not.toMatch(/[/\0]/);
        }
        if (text !== '.') expect(parsed.data.join('/')).toBe(text);
      }),
    );
  });

  it.each(['', '.'])('%j is the app directory', (text) => {
    expect(filePathSchema.parse(text)).toEqual([]);
    expect(entryPathSchema.safeParse(text).success).toBe(false);
  });

  it.each([
    '/etc/passwd',
    '..',
    'a/../b',
    'a/..',
    './a',
    'a//b',
    'a/',
    'a\0b',
    '\ud800',
    'x'.repeat(256),
    'ü'.repeat(128),
    'a/'.repeat(256) + 'a',
    'a/'.repeat(2_100),
  ])('%j is refused', (text) => {
    expect(filePathSchema.safeParse(text).success).toBe(false);
  });
});

describe('a write', () => {
  it.each([
    [{ path: 'f', content: 'no base 64!', encoding: 'base64' }, 'content'],
    [{ path: 'f', content: '\ud800' }, 'content'],
    [{ path: 'f', content: '', mode: '4755' }, 'mode'],
    [{ path: 'f', content: '', mode: '0o644' }, 'mode'],
    [{ path: '../f', content: '' }, 'path'],
    [{ path: '', content: '' }, 'path'],
  ])('is refused at its field: %j', (body, field) => {
    const parsed = writeFileRequestSchema.safeParse(body);
    expect(parsed.error?.issues.map(({ path }) => path.join('/'))).toEqual([
      field,
    ]);
  });

  it('takes permissions in octal', () => {
    const body = { path: 'f', content: '' };
    for (const mode of ['755', '0755'])
      expect(writeFileRequestSchema.parse({ ...body, mode }).mode).toBe(0o755);
  });
});
