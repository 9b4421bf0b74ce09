import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ERROR_CODES } from '@sandboxed/domain';
import { mcpConfigSchema } from '../../apps/mcp/src/config.ts';
import { checkBlocks } from '../src/docs/check-blocks.ts';
import { checkLinks } from '../src/docs/check-links.ts';
import { checkTypes } from '../src/docs/check-types.ts';
import { removeLeftOver } from '../src/docs/left-over.ts';
import { readPage } from '../src/docs/page.ts';
import { runPage } from '../src/docs/run-page.ts';

const root = join(__dirname, '../..');
const read = (path: string) =>
  readPage(path, readFileSync(join(root, path), 'utf8'));
/** What a user reads: its blocks are tried, and links of the rest are. */
const pages = [
  'README.md',
  'libs/sdk/README.md',
  ...globSync('docs/**/*.md', { cwd: root }),
]
  .sort()
  .map(read);
const others = globSync(
  '{*,apps/client/*,bench/*,libs/python/*,traefik/*,templates/*,e2e/mock-llm/*}.md',
  {
    cwd: root,
  },
)
  .filter((path) => pages.every((page) => page.path !== path))
  .map(read);

/** What a run that was ended midway may have left, by the name that a page gives it. */
beforeAll(async () => {
  await promisify(execFile)('docker', ['rm', '--force', 'sandboxed-mcp']);
}, 60_000);

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sandboxed-docs-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

it('every block says truly what it is, and every page tries one', () => {
  expect(pages.flatMap(checkBlocks)).toEqual([]);
});

it('every TypeScript block compiles', () => {
  expect(checkTypes(root, pages)).toEqual([]);
}, 60_000);

it('every link leads to a file that is there and to a heading of it', () => {
  expect(checkLinks(root, [...pages, ...others])).toEqual([]);
});

const blocks = pages.flatMap((page) => page.blocks);
const run = blocks.filter(({ treatment }) => treatment === 'run').length;
const left = blocks.filter(({ treatment }) => treatment === 'none').length;
it(`runs most commands: ${run} blocks, and ${left} say why not`, () => {
  expect(left).toBeLessThan(run);
});

it.each(
  pages.filter((page) =>
    page.blocks.some(({ treatment }) => treatment === 'run'),
  ),
)(
  '$path: its commands do what it says, and leave nothing behind',
  async (page) => {
    const { problems, ids } = await runPage(root, page, scratch, 90_000);
    const leftOver = await removeLeftOver(ids);
    expect(problems).toEqual([]);
    expect(leftOver).toEqual([]);
  },
  180_000,
);

it('explains every error code and every word of doctor', () => {
  const text = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  const source = (path: string) => readFileSync(join(root, path), 'utf8');
  const words = ['libs/domain/src/doctor.ts', 'apps/cli/src/doctor.ts']
    .flatMap((path) => [...source(path).matchAll(/code: '(\w+)'/g)])
    .map(([, code]) => code);
  expect(words.length).toBeGreaterThan(8);
  expect(
    [...ERROR_CODES, ...words].filter((code) => !text.includes(`\`${code}\``)),
  ).toEqual([]);
});

it('names every setting, and none that is not there', () => {
  const env = readFileSync(join(root, '.env.example'), 'utf8');
  // The MCP server is started apart, with settings of its own.
  const ofMcp = Object.keys(mcpConfigSchema.shape);
  const settings = [
    ...[...env.matchAll(/^(\w+)=/gm)].map(([, name = '']) => name),
    ...ofMcp,
  ];
  const texts = pages.map(({ path }) => readFileSync(join(root, path), 'utf8'));
  const named = new Set(
    texts.flatMap(
      (text) =>
        text.match(/\b(?:(?:SANDBOXE?D|PREVIEW|OTEL)_[A-Z_]+|HTTPS?_PORT)/g) ??
        [],
    ),
  );
  // Those that end in a dash speak of all that begin so.
  const isNamed = (setting: string): boolean =>
    [...named].some((name) =>
      name.endsWith('_') ? setting.startsWith(name) : setting === name,
    );
  expect(settings.filter((setting) => !isNamed(setting))).toEqual([]);
  const known = [...settings, ...ofMcp.map((name) => `${name}_FILE`)];
  expect(
    [...named].filter((name) => !known.some((one) => one.startsWith(name))),
  ).toEqual([]);
});
