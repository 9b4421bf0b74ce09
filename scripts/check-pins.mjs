// Holds that what is fetched is named exactly: npm packages by one version and, in lock files, by checksum; Python packages by one
// version; images by digest.   scripts/check-pins.mjs [directory]     Prints what is not, and ends with 1.
import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const LEFT_OUT = ['node_modules', '.git', '.nx', 'dist'];
const KINDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
];
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

const files = (pattern) =>
  globSync(pattern, {
    cwd: root,
    exclude: (name) => LEFT_OUT.includes(basename(name)),
  }).sort();
const read = (file) => readFileSync(join(root, file), 'utf8');
const lines = (file) =>
  read(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

const problems = [];

for (const file of files('**/package.json')) {
  const manifest = JSON.parse(read(file));
  for (const kind of KINDS)
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      const isOurs = name.startsWith('@sandboxed/') && version === '*';
      if (!isOurs && !EXACT.test(version))
        problems.push(`${file}: ${name} is "${version}", not one version`);
    }
}

// scripts/complete-lock.mjs names those of other systems without one; they are never installed where sandboxed runs.
const names = (given, one) => [given ?? one].flat();
const isForUs = ({ os, cpu, libc }) =>
  names(os, 'linux').includes('linux') &&
  names(cpu, 'x64').some((name) => ['x64', 'arm64'].includes(name)) &&
  names(libc, 'glibc').includes('glibc');
for (const file of files('**/package-lock.json'))
  for (const [name, entry] of Object.entries(JSON.parse(read(file)).packages)) {
    const isFetched =
      name.includes('node_modules/') && !entry.link && isForUs(entry);
    if (isFetched && !entry.inBundle && entry.integrity === undefined)
      problems.push(`${file}: ${name} has no checksum`);
  }

for (const file of files('**/*requirements.txt'))
  for (const line of lines(file))
    if (!line.startsWith('--hash=') && !/^[\w.[\]-]+==[\w.]+( \\)?$/.test(line))
      problems.push(`${file}: "${line}" is not one version`);

// Images under our own names are built here or made from a pin.
const isPinned = (image) =>
  image.startsWith('sandboxed/') || DIGEST.test(image.split('@')[1] ?? '');
for (const file of files('**/*Dockerfile')) {
  const stages = new Set();
  for (const line of lines(file)) {
    const base = /^ARG BASE=(\S+)/.exec(line)?.[1];
    const [, from, stage] = /^FROM (\S+)(?: AS (\S+))?/i.exec(line) ?? [];
    const copied = /^COPY .*--from=(\S+)/.exec(line)?.[1];
    for (const image of [base, from, copied])
      if (
        image !== undefined &&
        image !== '${BASE}' &&
        image !== 'scratch' &&
        !stages.has(image) &&
        !isPinned(image)
      )
        problems.push(`${file}: ${image} is not named by digest`);
    if (stage !== undefined) stages.add(stage);
  }
}
for (const file of files('compose*.yaml'))
  for (const [, image] of read(file).matchAll(/^\s*image: *(\S+)/gm))
    if (!isPinned(image))
      problems.push(`${file}: ${image} is not named by digest`);
for (const file of files('scripts/base-images/pins'))
  for (const line of lines(file)) {
    const [ours, reference, digest, ...more] = line.split(/\s+/);
    const isWhole = ours?.startsWith('sandboxed/') && reference !== undefined;
    if (!isWhole || more.length > 0 || (digest !== '-' && !DIGEST.test(digest)))
      problems.push(`${file}: "${line}" is no pin`);
  }

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('Everything that is fetched is named exactly.');
