// Names every platform's optional package in the lock file. A package mirror that holds only this platform's binaries makes npm
// leave the others out, and `npm ci` then refuses the lock file. Such an entry is never installed here: its os, cpu or libc differs.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'openharmony',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'x64',
];

/** What a platform package declares, told from its name, such as `…-linux-arm-gnueabihf`; undefined if it names no platform. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const libc =
    os !== 'linux'
      ? undefined
      : words.some((word) => word.startsWith('musl'))
        ? 'musl'
        : words.some((word) => word.startsWith('gnu'))
          ? 'glibc'
          : undefined;
  return {
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    os: [os],
  };
}

let added = 0;
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(
    parent.optionalDependencies ?? {},
  )) {
    const place = `node_modules/${name}`;
    const platform = platformOf(name);
    if (
      lock.packages[place] !== undefined ||
      platform === undefined ||
      !/^\d/.test(version)
    )
      continue;
    lock.packages[place] = {
      version,
      ...platform,
      ...(parent.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added += 1;
  }
}

if (added > 0) {
  const head = [...Object.entries(lock.packages)].filter(
    ([place]) => !place.startsWith('node_modules/'),
  );
  const rest = [...Object.entries(lock.packages)].filter(([place]) =>
    place.startsWith('node_modules/'),
  );
  rest.sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([...head, ...rest]);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${added} platform packages added to the lock file.`);
