import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle } from '../src/own-stack/bundle.ts';
import { madeAgent } from '../src/own-stack/made-agent.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'bundle-'));
  write('apps/a/src/a.ts', 'a');
  write(
    'scripts/bundle.mjs',
    `import fs from 'node:fs';
    fs.appendFileSync('times', '.');
    fs.mkdirSync('dist', { recursive: true });
    fs.writeFileSync('dist/a.mjs', 'a');`,
  );
});
afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
const read = (name: string) => fs.readFileSync(path.join(root, name), 'utf8');

it('bundles are made once, and anew after any change of sources, of what is wanted or of what was made', async () => {
  const first = await bundle(root);
  write('apps/a/test/a.test.ts', 'no source');
  expect(await bundle(root)).toBe(first);
  expect(read('times')).toBe('.');
  write('apps/a/src/a.ts', 'b');
  expect(await bundle(root)).not.toBe(first);
  expect(read('times')).toBe('..');
  await bundle(root, ['--readable']);
  expect(read('times')).toBe('...');
  write('dist/a.mjs', 'changed');
  await bundle(root, ['--readable']);
  expect(read('times')).toBe('....');
  expect(read('dist/a.mjs')).toBe('a');
});

it('the agent that a worker made is kept whole for stacks of the same sources alone', async () => {
  write('first/agent/0123abcd.staged/agent.blob', 'not yet');
  write('first/agent/4567cdef/agent.cjs', 'without a snapshot');
  const data = (name: string) => path.join(root, name);
  await madeAgent(root, 'sources').keep(data('first'));
  fs.mkdirSync(data('second'));
  await madeAgent(root, 'sources').give(data('second'));
  expect(fs.readdirSync(data('second'))).toEqual([]);

  write('first/agent/0123abcd/agent.blob', 'blob');
  await madeAgent(root, 'sources').keep(data('first'));
  await madeAgent(root, 'others').give(data('second'));
  expect(fs.readdirSync(data('second'))).toEqual([]);
  await madeAgent(root, 'sources').give(data('second'));
  expect(fs.readdirSync(data('second/agent'))).toEqual(['0123abcd']);
  expect(read('second/agent/0123abcd/agent.blob')).toBe('blob');
});
