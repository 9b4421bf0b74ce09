import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createPipePool, type OutputPipes } from './pipe-pool.ts';

let directory = '';
const open: OutputPipes[] = [];

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sandboxed-pipes-'));
});

afterEach(() => {
  for (const pipes of open.splice(0))
    for (const { reader, writeEnd } of [pipes.stdout, pipes.stderr]) {
      reader.destroy();
      fs.closeSync(writeEnd);
    }
  fs.rmSync(directory, { recursive: true });
});

describe('pipes for the output of many commands at once', () => {
  it('go to commands in the order in which they asked, none in halves', async () => {
    const pool = createPipePool(path.join(directory, 'pipes'));
    const served: number[] = [];
    await Promise.all(
      Array.from({ length: 100 }, async (_, asked) => {
        const pipes = await pool.take();
        if (pipes !== undefined) open.push(pipes);
        served.push(asked);
      }),
    );
    expect(served).toEqual(Array.from({ length: 100 }, (_, asked) => asked));
    expect(open).toHaveLength(100);
  });
});
