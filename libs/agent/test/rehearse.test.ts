import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

it('does once what a start and a stop ask of an agent, and leaves nothing', () => {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'rehearse-'));
  const module = path.join(import.meta.dirname, '../src/server/rehearse.ts');
  // A process of its own, as when a snapshot is built: it ends, soon, when nothing is left to do.
  const program = `import { rehearse } from ${JSON.stringify(module)};
    await rehearse(${JSON.stringify(path.join(parent, 'place'))});
    const endedAt = performance.now();
    process.once('exit', () => console.log(performance.now() - endedAt < 4_000));`;
  const said = execFileSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', program],
    { encoding: 'utf8', env: {}, timeout: 60_000 },
  );
  expect(said).toBe('true\n');
  expect(fs.readdirSync(parent)).toEqual([]);
  fs.rmSync(parent, { recursive: true });
});
