import { knownEscapes } from './known-escapes.ts';

const idsOf = (part: 'engine' | 'runc', version: string): string[] =>
  knownEscapes(part, version).flatMap(({ ids }) => [...ids]);

it.each([
  ['1.1.5+ds1', ['CVE-2025-31133', 'CVE-2024-21626']],
  ['1.1.12', ['CVE-2025-31133']],
  ['1.2.7', ['CVE-2025-31133']],
  ['1.2.8', []],
  ['1.3.0', ['CVE-2025-31133']],
  ['1.3.3', []],
  ['1.4.0-rc.1', []],
  ['v2.0', []],
  ['unknown', []],
])('runc %s has the known escapes %j', (version, ids) => {
  const found = idsOf('runc', version);
  expect(found.filter((id) => !/52565|52881/.test(id))).toEqual(ids);
});

it.each([
  ['26.1.5+dfsg1', true, true],
  ['29.5.1', false, true],
  ['29.6.9', false, true],
  ['29.7.0', false, false],
  ['30.0.0', false, false],
])('of the Engine %s: archives %s, copying %s', (version, archive, copying) => {
  const found = idsOf('engine', version);
  expect(found.includes('CVE-2026-41567')).toBe(archive);
  expect(found.includes('CVE-2026-17106')).toBe(copying);
});
