import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const reportSchema = z.object({
  warnings: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(['critical', 'warning']),
      advice: z.string().min(1),
    }),
  ),
});

it('looks over the running installation and finds the stack sound and the API open', () => {
  const { status, stdout, stderr } = spawnSync(
    join(__dirname, '../../sandboxed'),
    ['doctor', '--json'],
    { encoding: 'utf8', timeout: 60_000 },
  );
  expect(stderr).toBe('');
  const { warnings } = reportSchema.parse(JSON.parse(stdout));
  const codes = warnings.map(({ code }) => code);
  expect(codes).toContain('auth_off');
  expect(codes).not.toContain('stack_down');
  expect(codes).not.toContain('service_unhealthy');
  expect(codes).not.toContain('no_worker');
  const isCritical = warnings.some(({ severity }) => severity === 'critical');
  expect(status).toBe(isCritical ? 1 : 0);
}, 90_000);
