import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBlocks } from '../src/docs/check-blocks.ts';
import { checkLinks } from '../src/docs/check-links.ts';
import { checkTypes } from '../src/docs/check-types.ts';
import { matchesOutput } from '../src/docs/matches-output.ts';
import { readPage } from '../src/docs/page.ts';
import { runPage } from '../src/docs/run-page.ts';

const root = join(__dirname, '../..');
const fence = (info: string, ...lines: string[]): string =>
  ['```' + info, ...lines, '```', ''].join('\n');
const page = (...parts: string[]) => readPage('docs/a.md', parts.join('\n'));
const TRUE = fence('sh', 'true');

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sandboxed-docs-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

it.each([
  ['an unknown marker', fence('sh skip', 'true'), 1, /"skip" is not a marker/],
  ['no reason', fence('sh no-test=""', 'true'), 1, /reason/],
  ['a language that nothing tries', fence('shell', 'true'), 1, /"shell"/],
  ['no language', fence('', 'true'), 1, /names its language/],
  ['broken JSON', fence('json', '{,}'), 1, /JSON/],
  ['broken YAML', fence('yaml', 'a: ]'), 1, /./],
  ['output of nothing', fence('text output', 'a'), 1, /follows/],
])('finds %s, and at which line', (_what, block, line, message) => {
  expect(checkBlocks(page(block, TRUE))).toEqual([
    { page: 'docs/a.md', line, message: expect.stringMatching(message) },
  ]);
});

it('finds a page that tries none of its blocks, and lets one of words alone be', () => {
  const marked = fence('sh no-test="needs a domain of yours"', 'true');
  expect(checkBlocks(page('# A', marked))).toMatchObject([{ line: 1 }]);
  expect(checkBlocks(page('# A', marked, TRUE))).toEqual([]);
  expect(checkBlocks(page('# A', 'Words.'))).toEqual([]);
});

it('finds TypeScript that does not compile, also what is misused of a library', () => {
  const good = fence('ts', 'await Promise.resolve(1);');
  const wrong = fence('ts', "import { z } from 'zod';", '', 'z.strin();');
  expect(checkTypes(root, [page(good)])).toEqual([]);
  expect(checkTypes(root, [page(good, wrong)])).toEqual([
    {
      page: 'docs/a.md',
      line: 8,
      message: expect.stringContaining("'strin' does not exist"),
    },
  ]);
}, 60_000);

it('finds links to files and headings that are not there', () => {
  const source = [
    '# Two words, and `code`!',
    '[a](#two-words-and-code) [b](#two) [c](../README.md) [d](none.md)',
    '[e](../../up.md) [f](https://example.org/none)',
  ].join('\n\n');
  expect(checkLinks(root, [readPage('docs/a.md', source)])).toEqual([
    { page: 'docs/a.md', line: 3, message: expect.stringContaining('#two') },
    { page: 'docs/a.md', line: 3, message: expect.stringContaining('none.md') },
    { page: 'docs/a.md', line: 5, message: expect.stringContaining('out of') },
  ]);
});

it('finds the block that fails, with what it said, and runs none after it', async () => {
  const failing = fence('sh', 'A=1', 'echo said >&2', 'ls "$A" | cat');
  const run = await runPage(
    root,
    page(fence('sh', 'cd /'), failing, fence('sh', 'touch "$HOME/after"')),
    scratch,
    10_000,
  );
  expect(run.problems).toMatchObject([
    { line: 5, message: expect.stringMatching(/ended with 2[^]*said/) },
    { line: 11, message: 'was not run' },
  ]);
  await expect(rm(join(scratch, 'home/after'))).rejects.toThrow('ENOENT');
});

it('runs a page as one script: what a block sets holds in the next', async () => {
  const run = await runPage(
    root,
    page(
      fence('sh', 'ID=01ARZ3NDEKTSV4RRFFQ69G5FAV'),
      fence('sh', 'printf "%s\\nand more\\n" "$ID"'),
      fence('text output', '01…', 'and more'),
    ),
    scratch,
    10_000,
  );
  expect(run.problems).toEqual([]);
  expect([...run.ids]).toEqual(['01ARZ3NDEKTSV4RRFFQ69G5FAV']);
});

it('finds output that is not what the page shows', async () => {
  const shown = page(fence('sh', 'echo one'), fence('text output', 'two'));
  const run = await runPage(root, shown, scratch, 10_000);
  expect(run.problems).toMatchObject([
    { line: 1, message: expect.stringContaining('one') },
  ]);
});

it('finds blocks behind one that ends the script without a fault', async () => {
  const ends = page(fence('sh', 'exit 0'), fence('sh', 'true'));
  const run = await runPage(root, ends, scratch, 10_000);
  expect(run.problems).toMatchObject([{ line: 5, message: 'was not run' }]);
});

it('ends a page that hangs, with what it left running', async () => {
  const hangs = page(fence('sh', 'tail -f /dev/null & tail -f /dev/null'));
  const run = await runPage(root, hangs, scratch, 300);
  expect(run.problems).toMatchObject([
    { line: 1, message: expect.stringContaining('took more than 300 ms') },
  ]);
});

it.each([
  ['a…c', 'a\nb\nc', true],
  ['a.c', 'abc', false],
  ['{"a": "…"}', '{"a": "b"} \n', true],
  ['a', 'a\nb', false],
])('shown %j, printed %j: %s', (shown, printed, is) => {
  expect(matchesOutput(shown, printed)).toBe(is);
});
