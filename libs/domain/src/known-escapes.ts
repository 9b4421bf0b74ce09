/** Faults by which somebody inside a container got out of it, or got the Engine to act as root for him. */
interface Escape {
  readonly part: 'engine' | 'runc';
  readonly ids: readonly string[];
  /** First good release of each line that got a fix, oldest first. Lines without one are bad below the last. */
  readonly fixedIn: readonly string[];
  readonly what: string;
  /** Whether sandboxed itself never does what the fault needs. */
  readonly isClosedHere: boolean;
}

/** From the advisories of runc and of the Engine (moby), as of November 2026. */
const ESCAPES: readonly Escape[] = [
  {
    part: 'runc',
    ids: ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'],
    fixedIn: ['1.2.8', '1.3.3'],
    what: 'a container can leave its isolation through writes to /proc while it starts',
    isClosedHere: false,
  },
  {
    part: 'runc',
    ids: ['CVE-2024-21626'],
    fixedIn: ['1.1.12'],
    what: 'a container can reach the host’s files through a leaked descriptor',
    isClosedHere: false,
  },
  {
    part: 'engine',
    ids: ['CVE-2026-41567'],
    fixedIn: ['29.5.1'],
    what: 'an archive sent into a container can run a program of that container as root of the host',
    isClosedHere: true,
  },
  {
    part: 'engine',
    ids: ['CVE-2026-41568', 'CVE-2026-42306', 'CVE-2026-17106'],
    fixedIn: ['29.7.0'],
    what: 'copying from or into a container can touch files of the host',
    isClosedHere: true,
  },
];

/** Known escapes of a version such as `1.1.5+ds1`. A text that is no version has none. */
export function knownEscapes(
  part: Escape['part'],
  version: string,
): readonly Escape[] {
  const numbers = parts(version);
  if (numbers === undefined) return [];
  return ESCAPES.filter(
    (escape) => escape.part === part && !isFixed(numbers, escape.fixedIn),
  );
}

type Version = readonly [number, number, number];

function isFixed(version: Version, fixedIn: readonly string[]): boolean {
  const fixes = fixedIn.map(parts).filter((fix) => fix !== undefined);
  const sameLine = fixes.find(
    ([major, minor]) => major === version[0] && minor === version[1],
  );
  const bar = sameLine ?? fixes.at(-1);
  return bar !== undefined && compare(version, bar) >= 0;
}

function parts(text: string): Version | undefined {
  const match = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
