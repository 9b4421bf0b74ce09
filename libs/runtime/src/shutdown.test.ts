import { pino } from 'pino';
import { createShutdown } from './shutdown.ts';

const logger = pino({ level: 'silent' });

function make(deadlineMs = 1_000) {
  return createShutdown({ logger, deadlineMs, exit: () => undefined });
}

describe('shutdown', () => {
  it('closes in reverse order, once, and goes on after a step that fails', async () => {
    const order: string[] = [];
    const shutdown = make();
    shutdown.onClose('first', () => {
      order.push('first');
    });
    shutdown.onClose('second', () => {
      order.push('second');
      throw new Error('broken');
    });
    await Promise.all([shutdown.close('a'), shutdown.close('b')]);
    expect(order).toEqual(['second', 'first']);
  });

  it('ends after its deadline whatever a step does', async () => {
    const shutdown = make(10);
    shutdown.onClose('stuck', () => new Promise(() => undefined));
    await expect(shutdown.close('test')).resolves.toBeUndefined();
  });
});
