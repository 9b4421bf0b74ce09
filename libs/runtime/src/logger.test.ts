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
