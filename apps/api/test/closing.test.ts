import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createApp } from '../src/app.ts';
import { listen as openListener } from '../src/listen.ts';
import type { SandboxId } from '@sandboxed/domain';
import type { World } from './support.ts';
import { cleanUp, listen, running, world } from './support.ts';
import {
  agentSays,
  ask,
  hostOf,
  PAGE,
  POLL,
  textOf,
  waking,
} from './wake-support.ts';

afterEach(cleanUp);

const BY = { actor: 'test', reason: 'test', now: 1 };

async function sleeping(deps: World): Promise<SandboxId> {
  const id = await running(deps, await listen(deps));
  deps.store.sandboxes.transition(id, 'stop', BY);
  deps.store.sandboxes.transition(id, 'exited', BY);
  return id;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('it does not listen on a port');
  return address.port;
}

describe('a process that goes away', () => {
  it('answers a held call with the job as it stands', async () => {
    const deps = await world();
    const api = await listen(deps);
    const id = await running(deps, api);
    const held = api(`POST /sandbox/${id}/exec?wait=60`, { shell: 'true' });
    await deps.hub.changed(id);
    deps.hub.release();
    const { status, body } = await held;
    expect(status).toBe(202);
    const job = await api(`GET /v1/jobs/${String(body['job_id'])}?wait=60`);
    expect(job.status).toBe(200);
    expect(job.body['status']).toBe('queued');
  });

  it('ends a stream after what it has, to be resumed', async () => {
    const deps = await world();
    const api = await listen(deps);
    const id = await running(deps, api);
    const { body } = await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
    const server = createServer(createApp(deps));
    const close = await openListener(server, 0, '127.0.0.1');
    const port = portOf(server);
    const stream = await fetch(
      `http://127.0.0.1:${port}/v1/jobs/${String(body['job_id'])}/events`,
    );
    const closed = close();
    deps.hub.release();
    const text = await stream.text();
    expect(text).toContain('event: status');
    expect(text).not.toContain('event: done');
    await closed;
  });

  it('does not wait for connections on which nothing was asked, as browsers make them ahead', async () => {
    const server = createServer();
    const close = await openListener(server, 0, '127.0.0.1');
    const silent = connect(portOf(server), '127.0.0.1');
    await Promise.all([once(silent, 'connect'), once(server, 'connection')]);
    const ended = once(silent, 'close');
    await close();
    await ended;
  }, 5_000);

  it('lets a request that it took be answered, and takes no other', async () => {
    let finish = (): void => undefined;
    const server = createServer((_request, response) => {
      finish = () => response.end('answered');
    });
    const close = await openListener(server, 0, '127.0.0.1');
    const port = portOf(server);
    const taken = fetch(`http://127.0.0.1:${port}/`);
    await once(server, 'request');
    const closed = close();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    finish();
    expect(await (await taken).text()).toBe('answered');
    await closed;
  });

  it('cuts what is not answered within the grace', async () => {
    const server = createServer(() => undefined);
    const close = await openListener(server, 0, '127.0.0.1', 50);
    const port = portOf(server);
    const taken = fetch(`http://127.0.0.1:${port}/`).catch(() => 'cut');
    await once(server, 'request');
    await close();
    expect(await taken).toBe('cut');
  });

  it('shows the waiting page to a browser whose app is not up yet', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    await agentSays(deps, id, () => false);
    const page = ask(await waking(deps), hostOf(id), PAGE);
    while (deps.store.jobs.mailbox(id).length === 0) await deps.hub.changed(id);
    deps.hub.release();
    const answer = await page;
    expect(answer.statusCode).toBe(503);
    expect(await textOf(answer)).toContain('Waking up');
  });

  it.each([
    ['a program', {}],
    ['the waiting page', POLL],
  ])('asks %s that waits for an app to come again', async (_who, headers) => {
    const deps = await world();
    const id = await sleeping(deps);
    const port = await waking(deps);
    const woken = ask(port, hostOf(id));
    while (deps.store.jobs.mailbox(id).length === 0) await deps.hub.changed(id);
    const other = ask(port, hostOf(id), headers);
    deps.hub.release();
    for (const answer of await Promise.all([woken, other])) {
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('2');
      // The waiting page takes this for the app's failure, and would ask no more.
      expect(answer.headers['x-sandboxed-error']).toBeUndefined();
    }
  });
});

it('keeps an idle connection for longer than any proxy in front of it', async () => {
  const server = createServer();
  const close = await openListener(server, 0, '127.0.0.1');
  expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  await close();
});
