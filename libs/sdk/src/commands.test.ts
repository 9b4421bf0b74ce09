import type { Answer, FakeApi } from '../test/fake-api.ts';
import { fakeApi, json } from '../test/fake-api.ts';
import { Commands } from './commands.ts';
import { FailureError } from './errors.ts';
import { Client } from './http/client.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function commands(
  ...answers: readonly Answer[]
): Promise<{ readonly commands: Commands; readonly api: FakeApi }> {
  api = await fakeApi(...answers);
  const client = new Client({ baseUrl: api.baseUrl });
  return { api, commands: new Commands(client, 'S') };
}

it.each(['run', 'stream', 'background'] as const)(
  'ends the command of a %s that was given up before its answer came',
  async (how) => {
    const controller = new AbortController();
    const why = new Error('enough');
    const { commands: it, api } = await commands(
      (response, request) => {
        controller.abort(why);
        setImmediate(json(202, { job_id: 'J' }), response, request);
      },
      json(202, { id: 'J', status: 'running' }),
    );
    const running = it[how]('sleep 600', { signal: controller.signal });
    await expect(running).rejects.toBe(why);
    expect(api.came.map(({ url }) => url.split('?')[0])).toEqual([
      '/v1/sandboxes/S/exec',
      '/v1/jobs/J/cancel',
    ]);
  },
);

it('tells an exit code, also of one that a signal ended', async () => {
  const { commands: it } = await commands(
    json(200, {
      ...{ job_id: 'J', exit_code: 137, signal: 'SIGKILL', duration_ms: 5 },
      ...{ stdout: 'a', stderr: '', truncated: false, timed_out: true },
    }),
  );
  expect(await it.run('x')).toEqual({
    ...{ exitCode: 137, signal: 'SIGKILL', stdout: 'a', stderr: '' },
    ...{ truncated: false, timedOut: true, durationMs: 5, jobId: 'J' },
  });
});

it('does not make up how a command ended', async () => {
  const { commands: it } = await commands(
    json(202, { job_id: 'J' }),
    json(200, { id: 'J', status: 'succeeded', result: null }),
  );
  await expect(it.run('x')).rejects.toThrow(FailureError);
});
