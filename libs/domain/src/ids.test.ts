import fc from 'fast-check';
import { parseJobId, parseSandboxId, stepProcessId } from './ids.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ulids = fc
  .tuple(
    fc.constantFrom(...Array.from('01234567')),
    fc.array(fc.constantFrom(...Array.from(CROCKFORD)), {
      minLength: 25,
      maxLength: 25,
    }),
  )
  .map(([first, rest]) => first + rest.join(''));

describe('a sandbox id', () => {
  it('is any ULID, normalised to upper case', () => {
    fc.assert(
      fc.property(ulids, (id) => {
        expect(parseSandboxId(id)).toBe(id);
        expect(parseSandboxId(id.toLowerCase())).toBe(id);
      }),
    );
  });

  it.each([
    '',
    'demo01',
    '../../../../../etc/passwd0',
    '%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2',
    '8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    '01ARZ3NDEKTSV4RRFFQ69G5FAI',
    '01ARZ3NDEKTSV4RRFFQ69G5FA',
    '01ARZ3NDEKTSV4RRFFQ69G5FAVV',
    '01ARZ3NDEKTSV4RRFFQ69G5FA\0',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV\n',
    '０1ARZ3NDEKTSV4RRFFQ69G5FAV',
  ])('is not %j', (text) => {
    expect(parseSandboxId(text)).toBeUndefined();
  });

  it('is nothing that holds a character outside the alphabet', () => {
    fc.assert(
      fc.property(
        ulids,
        fc.nat(25),
        fc.constantFrom(...Array.from('./\\%UILO \0\u00e9\u017f\u212a')),
        (id, at, bad) => {
          expect(
            parseSandboxId(id.slice(0, at) + bad + id.slice(at + 1)),
          ).toBeUndefined();
        },
      ),
    );
  });

  it('is canonical or nothing, whatever the text', () => {
    const texts = fc
      .array(fc.nat(0xffff), { maxLength: 40 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(texts, (text) => {
        const id = parseSandboxId(text);
        if (id !== undefined) expect(parseSandboxId(id)).toBe(id);
      }),
    );
  });

  it('of a job has steps of their own, each an id again', () => {
    fc.assert(
      fc.property(ulids, (text) => {
        const job = parseJobId(text);
        if (job === undefined) throw new Error('no id');
        const steps = (['checkpoint', 'changes', 'build'] as const).map(
          (step) => stepProcessId(job, step),
        );
        expect(new Set([job, ...steps]).size).toBe(4);
        for (const step of steps) expect(parseJobId(step)).toBe(step);
      }),
    );
  });
});
