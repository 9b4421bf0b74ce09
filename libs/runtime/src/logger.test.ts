import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

it('removes secrets from what is logged, also from headers of a request', () => {
  const script = `
    import { createLogger } from ${JSON.stringify(join(__dirname, 'logger.ts'))};
    const logger = createLogger('test', 'info');
    logger.info({ req: { headers: { authorization: 'very-secret', cookie: 'very-secret', host: 'kept' } } }, 'said');
    logger.info({ headers: { authorization: 'very-secret' }, authorization: 'very-secret', env: { A: 'very-secret' }, token: 'very-secret' }, 'said');
  `;
  const written = execFileSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  expect(written.trim().split('\n')).toHaveLength(2);
  expect(written).toContain('kept');
  expect(written).not.toContain('very-secret');
});

/** What a process of ours writes on a terminal, or on a pipe. */
function written(where: 'terminal' | 'pipe'): string {
  const code = `
    import { createLogger, terminalDestination } from ${JSON.stringify(join(__dirname, 'logger.ts'))};
    createLogger('test', 'info', await terminalDestination()).info({ token: 'very-secret', id: 7 }, 'said');
  `;
  const argv = [process.execPath, '--no-warnings', '--input-type=module'];
  const env = { PATH: process.env['PATH'] ?? '', CODE: code };
  const command = `${argv.join(' ')} --eval "$CODE"`;
  return where === 'terminal'
    ? execFileSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        env,
      })
    : execFileSync('sh', ['-c', command], { encoding: 'utf8', env });
}

it('writes for people on a terminal, and for programs elsewhere', () => {
  expect(JSON.parse(written('pipe'))).toMatchObject({ msg: 'said', id: 7 });
  const text = written('terminal');
  expect(text).toMatch(/INFO.*said/);
  expect(text).toContain('id');
  expect(text).not.toContain('"msg"');
  expect(text).not.toContain('very-secret');
});
