import { once } from 'node:events';
import { startWatchdog } from './watchdog.ts';

const TIMES = { probeEveryMs: 10, unansweredMs: 60 };
const HEALTH = {
  protocol: 1,
  version: '1',
  pid: 1,
  started_at_ms: 1,
  booted: true,
};

it('gives up an agent that answers no question', async () => {
  const health = jest.fn(() => Promise.reject(new Error('no answer')));
  const { signal, stop } = startWatchdog({ health }, 60_000, TIMES);
  await once(signal, 'abort');
  stop();
  expect(signal.reason).toMatchObject({ code: 'agent_unreachable' });
  expect(health.mock.calls.length).toBeGreaterThan(1);
});

it('waits to the limit for one that answers, and no longer', async () => {
  const health = jest.fn(() => Promise.resolve(HEALTH));
  const { signal, stop } = startWatchdog({ health }, 200, TIMES);
  await once(signal, 'abort');
  stop();
  expect(signal.reason).toMatchObject({ code: 'timed_out' });
  expect(health).toHaveBeenCalled();
});

it('asks nothing of one that talks', async () => {
  const health = jest.fn(() => Promise.reject(new Error('no answer')));
  const { signal, heard, stop } = startWatchdog({ health }, 300, {
    probeEveryMs: 100,
    unansweredMs: 100,
  });
  const talk = setInterval(heard, 5);
  await once(signal, 'abort');
  clearInterval(talk);
  stop();
  expect(signal.reason).toMatchObject({ code: 'timed_out' });
  expect(health).not.toHaveBeenCalled();
});
