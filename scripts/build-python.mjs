// Makes the Python client: dist/python/package (sources, with what is generated of the OpenAPI document) and its wheel in dist/python.
//   scripts/build-python.mjs     needs python3 with venv, and the package mirror once
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { allRoutes } from '../apps/api/src/app.ts';
import { openapi } from '../apps/api/src/openapi/document.ts';
import { clientView } from './client-view.mjs';
import { synchronous } from './synchronous.mjs';

const root = new URL('../', import.meta.url).pathname;
const source = `${root}libs/python`;
const tools = `${root}node_modules/.cache/python`;
const dist = `${root}dist/python`;
const made = `${dist}/package`;
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

const run = (command, args) =>
  execFileSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${tools}/bin:${process.env.PATH}` },
  });

run(`${source}/install.sh`, [tools]);
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
cpSync(`${source}/src/sandboxed`, `${made}/sandboxed`, { recursive: true });
cpSync(`${source}/tests`, `${made}/tests`, { recursive: true });
copyFileSync(`${source}/README.md`, `${made}/README.md`);
copyFileSync(`${root}LICENSE`, `${made}/LICENSE`);
writeFileSync(
  `${made}/pyproject.toml`,
  readFileSync(`${source}/pyproject.toml`, 'utf8').replace(
    'version = "0.0.0"',
    `version = "${version}"`,
  ),
);

// Refusals are raised before generated code sees them.
const view = clientView(openapi(allRoutes(version), version), '2XX');
// Streams and web sockets are read by hand.
const isRead = ({ responses }) =>
  Object.values(responses).some(
    ({ content = {} }) =>
      !['text/event-stream', undefined].includes(Object.keys(content)[0]),
  );
for (const methods of Object.values(view.paths))
  for (const [method, call] of Object.entries(methods))
    if (!isRead(call)) delete methods[method];
writeFileSync(`${dist}/openapi.json`, JSON.stringify(view));
run('openapi-python-client', [
  ...['generate', '--path', `${dist}/openapi.json`],
  ...['--config', `${source}/generator.yaml`, '--meta', 'none'],
  ...['--custom-template-path', `${source}/templates`],
  ...['--output-path', `${made}/sandboxed/wire`, '--fail-on-warning'],
]);
// One source for both kinds of programs, but for the files that are there for both.
const derived = [];
for (const file of globSync(`${made}/**/asynchronous/*.py`)) {
  const target = file.replace('/asynchronous/', '/synchronous/');
  if (existsSync(target)) continue;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, synchronous(readFileSync(file, 'utf8')));
  derived.push(target);
}
// Shorter words leave lines that are broken needlessly, loops that are but `yield from` or `list`, and imports that are not used or in another order.
const ruff = (...args) =>
  run('ruff', [...args, '--quiet', '--no-cache', ...derived]);
ruff('check', '--fix-only', '--select', 'C416,F401,I,UP028', '--unsafe-fixes');
ruff('format');
run('pip', [
  ...['wheel', '--quiet', '--disable-pip-version-check', '--no-deps'],
  ...['--no-build-isolation', '--wheel-dir', dist, made],
]);
