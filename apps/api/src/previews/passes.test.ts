import fc from 'fast-check';
import type { SandboxId } from '@sandboxed/domain';
import { sandboxIdSchema } from '@sandboxed/domain';
import type { PassKind, PassSubject } from './passes.ts';
import { createPasses } from './passes.ts';

const secret = Buffer.alloc(32, 7);
const passes = createPasses(() => secret);
const NOW = 1_800_000_000_000;
const UNTIL = NOW / 1_000 + 60;
const id = (last: string): SandboxId =>
  sandboxIdSchema.parse(`01ARZ3NDEKTSV4RRFFQ69G5FA${last}`);
const subject: PassSubject = { id: id('V'), port: 3000, generation: 5 };

const kinds = fc.constantFrom<PassKind>('link', 'session');
const subjects: fc.Arbitrary<PassSubject> = fc.record({
  id: fc.constantFrom(id('V'), id('W')),
  port: fc.constantFrom(3000, 300, 30_001),
  generation: fc.constantFrom(0, 5, 51),
});

it('a pass opens what it was made for until its time, and nothing else', () => {
  fc.assert(
    fc.property(
      kinds,
      subjects,
      kinds,
      subjects,
      (kind, made, asked, other) => {
        const pass = passes.sign(kind, made, UNTIL);
        expect(passes.read(kind, made, pass, NOW)).toBe(UNTIL);
        expect(passes.read(kind, made, pass, UNTIL * 1_000)).toBeUndefined();
        const isSame =
          kind === asked && JSON.stringify(made) === JSON.stringify(other);
        expect(passes.read(asked, other, pass, NOW)).toBe(
          isSame ? UNTIL : undefined,
        );
      },
    ),
    { numRuns: 300 },
  );
});

it('a pass with any character changed, added or left out opens nothing', () => {
  const pass = passes.sign('link', subject, UNTIL);
  const open = (text: string) => passes.read('link', subject, text, NOW);
  fc.assert(
    fc.property(
      fc.nat(pass.length - 1),
      fc.stringMatching(/^[0-9A-Za-z._=%-]{0,2}$/),
      (at, text) => {
        fc.pre(text !== pass[at]);
        expect(open(pass.slice(0, at) + text + pass.slice(at + 1))).toBe(
          undefined,
        );
      },
    ),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(open(text)).toBeUndefined();
      expect(open(`${UNTIL}.${text}`)).toBeUndefined();
    }),
  );
});

it('a pass of another time with the signature of this one opens nothing', () => {
  const [, signature] = passes.sign('link', subject, UNTIL).split('.');
  for (const until of [UNTIL + 1, `0${UNTIL}`, `${UNTIL}0`, '99999999999'])
    expect(
      passes.read('link', subject, `${until}.${signature}`, NOW),
    ).toBeUndefined();
});

it('a pass of before the key was changed opens nothing, and one of after it does', () => {
  let current = secret;
  const changing = createPasses(() => current);
  const before = changing.sign('link', subject, UNTIL);
  current = Buffer.alloc(32, 9);
  const after = changing.sign('link', subject, UNTIL);
  expect(changing.read('link', subject, before, NOW)).toBeUndefined();
  expect(changing.read('link', subject, after, NOW)).toBe(UNTIL);
});

it("another installation's pass opens nothing", () => {
  const other = createPasses(() => Buffer.alloc(32, 8)).sign(
    'link',
    subject,
    UNTIL,
  );
  expect(passes.read('link', subject, other, NOW)).toBeUndefined();
});
