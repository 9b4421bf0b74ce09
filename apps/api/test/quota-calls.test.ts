import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { until } from '../../../libs/queue/test/support.ts';
import { limited, statusOf, tenants, usageOf } from './quota-support.ts';
import type { Tenants } from './two-tenants.ts';
import {
  afterwards,
  cleanUp,
  finish,
  listen,
  running,
  world,
} from './support.ts';

afterEach(cleanUp);
afterEach(() => {
  jest.restoreAllMocks();
});

/** Lets time pass for what goes by `performance.now`. */
function pass(seconds: number): void {
  const now = performance.now.bind(performance);
  jest
    .spyOn(performance, 'now')
    .mockImplementation(() => now() + seconds * 1_000);
}

/** A call of ann's whose answer stays open; resolves with the head of it. */
async function opened(
  { url }: Tenants,
  call: string,
  body = '',
): Promise<readonly [ClientRequest, IncomingMessage]> {
  const outgoing = sent({ url }, call, body);
  return [outgoing, await headOf(outgoing)];
}

function sent(
  { url }: Pick<Tenants, 'url'>,
  call: string,
  body = '',
): ClientRequest {
  const [method = '', path = ''] = call.split(' ');
  const outgoing = request(url + path, {
    method,
    headers: { authorization: 'Bearer annannannannannann' },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  afterwards(() => outgoing.destroy());
  outgoing.end(body);
  return outgoing;
}

async function headOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [head] = (await once(outgoing, 'response')) as [IncomingMessage];
  head.on('error', () => undefined);
  head.resume();
  return head;
}

/** Resolves once so many of ann's calls are open. */
async function streams({ deps }: Tenants, n: number): Promise<void> {
  await until(() => deps.meter.use('ann').streams === n);
}

describe('requests', () => {
  it('tell how many are left of the minute, and are refused after with the time to wait', async () => {
    const { ann, admin } = await tenants({ REQUESTS_PER_MINUTE: 2 });
    const first = await ann('GET /sandboxes');
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=1;t=\d+$/);
    expect((await ann('POST /sandbox', {})).status).toBe(202);
    const refused = await ann('POST /sandbox', {});
    expect(refused.body).toMatchObject(limited('requests_per_minute', 2, 2));
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(61);
    expect(refused.headers.get('ratelimit')).toBe(`"requests";r=0;t=${wait}`);
    expect((await admin('GET /sandboxes')).body['items']).toHaveLength(1);
    pass(wait);
    expect((await ann('GET /sandboxes')).status).toBe(200);
  });

  it('are not told of where there is no limit', async () => {
    const { ann } = await tenants();
    const { headers } = await ann('GET /sandboxes');
    expect(headers.get('ratelimit')).toBeNull();
    expect(headers.get('ratelimit-policy')).toBeNull();
  });

  it('that need no token, or that nobody is known by, do not count', async () => {
    const here = await tenants({ REQUESTS_PER_MINUTE: 1 });
    const { ann, deps } = here;
    for (const path of ['/healthz', '/docs', '/openapi.json', '/llms.txt'])
      for (let n = 0; n < 3; n += 1)
        expect((await ann(`GET ${path}`)).status).toBe(200);
    for (let n = 0; n < 3; n += 1) {
      const unknown = await fetch(`${here.url}/v1/sandboxes`);
      expect(unknown.status).toBe(401);
      await unknown.text();
    }
    expect(deps.meter.size()).toBe(0);
    expect((await ann('GET /v1/usage')).status).toBe(200);
    expect((await ann('GET /v1/usage')).status).toBe(429);
  });

  it('of an administrator are refused like any, but not those that raise the limit', async () => {
    const { admin } = await tenants({ REQUESTS_PER_MINUTE: 1 });
    await admin('GET /sandboxes');
    expect((await admin('GET /sandboxes')).status).toBe(429);
    for (let n = 0; n < 3; n += 1)
      expect((await admin('GET /metrics')).status).toBe(200);
    const put = await admin('PUT /v1/tenants/admin/quota', {
      requests_per_minute: 9,
    });
    expect(put.status).toBe(200);
    expect((await admin('GET /sandboxes')).status).toBe(200);
  });

  it('count in the open installation', async () => {
    const deps = await world({ SANDBOXED_QUOTA_REQUESTS_PER_MINUTE: '1' });
    const api = await listen(deps);
    expect((await api('GET /sandboxes')).status).toBe(200);
    expect((await api('GET /sandboxes')).status).toBe(429);
    expect((await api('GET /healthz')).status).toBe(200);
  });
});

describe('what stays open', () => {
  it('is refused beyond the limit, for another tenant it is not, and a place is free once one ends', async () => {
    const here = await tenants({ STREAMS: 2 });
    const { deps, ann, ben } = here;
    const id = await running(deps, ann);
    const exec = await ann(`POST /sandbox/${id}/exec`, { shell: 'true' });
    const job = String(exec.body['job_id']);
    const [left] = await opened(here, `GET /sandbox/${id}/events`);
    const [, ended] = await opened(here, `GET /v1/jobs/${job}/events`);
    expect(await usageOf(ann, 'streams')).toEqual({ used: 2, limit: 2 });
    for (const call of [
      `GET /sandbox/${id}/events`,
      `GET /v1/jobs/${job}/events`,
      `GET /sandbox/${id}/services/web/logs?follow=true`,
      `GET /sandbox/${id}/files/content?path=a`,
      `PUT /sandbox/${id}/files/content?path=a`,
      `GET /sandbox/${id}/export`,
      `POST /sandbox/${id}/import`,
    ]) {
      const refused = await ann(call);
      expect([call, refused.status]).toEqual([call, 429]);
      expect(refused.body).toMatchObject(limited('streams', 2, 2));
      expect(refused.headers.get('retry-after')).toBe('5');
    }
    // What is answered at once goes on.
    expect((await ann(`GET /sandbox/${id}`)).status).toBe(200);
    const theirs = await running(deps, ben);
    expect(
      (await ben(`POST /sandbox/${theirs}/stop?wait=0.1`, {})).status,
    ).toBe(202);

    left.destroy();
    await streams(here, 1);
    const [again] = await opened(here, `GET /sandbox/${id}/events`);
    finish(deps.store, id);
    await once(ended, 'close');
    await streams(here, 1);
    again.destroy();
    await streams(here, 0);
  });

  it('are held calls, too: one too many has not done anything', async () => {
    const here = await tenants({ STREAMS: 1 });
    const { deps, ann } = here;
    const id = await running(deps, ann);
    const held = sent(
      here,
      `POST /sandbox/${id}/exec?wait=60`,
      '{"shell":"true"}',
    );
    await streams(here, 1);
    for (const headers of [{ prefer: 'wait=9' }, undefined]) {
      const call = `POST /sandbox/${id}/exec${headers === undefined ? '?wait=9' : ''}`;
      const refused = await ann(call, { shell: 'false' }, headers);
      expect(refused.body).toMatchObject(limited('streams', 1, 1));
    }
    expect(deps.store.jobs.mailbox(id)).toHaveLength(1);
    const exec = { shell: 'true' };
    expect((await ann(`POST /sandbox/${id}/exec`, exec)).status).toBe(202);
    finish(deps.store, id);
    expect((await headOf(held)).statusCode).toBe(200);
    await streams(here, 0);
  });

  it('leaves nothing counted behind, whether it was refused, failed or was broken off', async () => {
    const here = await tenants({ STREAMS: 3 });
    const { deps, ann } = here;
    const id = await running(deps, ann);
    for (let n = 0; n < 20; n += 1) {
      await ann('GET /v1/jobs/none/events');
      await ann(`GET /sandbox/${id}/events?after=none`);
      await ann(`POST /sandbox/${id}/exec?wait=none`, { shell: 'true' });
      await ann(`POST /sandbox/${id}/exec?wait=5`, { shell: 5 });
      await ann(`POST /sandbox/${id}/keepalive?wait=5`, {});
      await ann(`GET /sandbox/${id}/files/content?path=none`);
      sent(here, `GET /sandbox/${id}/events`).destroy();
      const [outgoing] = await opened(here, `GET /sandbox/${id}/events`);
      outgoing.destroy();
      await streams(here, 0);
    }
  });
});

it('serves a tenant as ever while another one floods, whose calls beyond the limit do nothing', async () => {
  const { deps, ann, ben } = await tenants({ REQUESTS_PER_MINUTE: 50 });
  const id = await running(deps, ben);
  let isOver = false;
  const flood = Promise.all(
    Array.from({ length: 16 }, async () => {
      const statuses: number[] = [];
      while (!isOver) statuses.push(statusOf(await ann('POST /sandbox', {})));
      return statuses;
    }),
  );
  await until(() => (deps.meter.refused().get('requests_per_minute') ?? 0) > 0);
  for (let n = 0; n < 40; n += 1) {
    const from = performance.now();
    expect((await ben(`GET /sandbox/${id}`)).status).toBe(200);
    // One process serves all in turn: at worst a call waits for one of each of the sixteen.
    expect(performance.now() - from).toBeLessThan(5_000);
  }
  isOver = true;
  const statuses = (await flood).flat();
  const made = deps.store.sandboxes.list({ tenant: 'ann', limit: 200 }).items;
  expect(made).toHaveLength(50);
  expect(statuses.filter((status) => status === 202)).toHaveLength(50);
  expect(new Set(statuses)).toEqual(new Set([202, 429]));
});
