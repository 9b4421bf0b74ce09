import { createAgentClient } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import { z } from 'zod';
import { until } from '../../../libs/queue/test/support.ts';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import type { TestAgent } from '../../../libs/agent/test/start-agent.ts';
import type { Dialed } from './dial.ts';
import { dial } from './dial.ts';
import type { Api, World } from './support.ts';
import { createTickets } from '../src/terminal/tickets.ts';
import { cleanUp, finish, listen, running, world } from './support.ts';

afterEach(async () => {
  await cleanUp();
  await disposeAgents();
});

const ADMIN = { authorization: 'Bearer adminadminadminadm' };
const TOKENS = { SANDBOXD_API_TOKENS: 'admin:adminadminadminadm' };

interface Setting {
  readonly deps: World;
  readonly agent: TestAgent;
  readonly api: Api & { url: string };
  readonly id: SandboxId;
  readonly path: string;
}

/** A sandbox that runs with a real agent. */
async function setting(
  settings: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  body: object = {},
): Promise<Setting> {
  const agent = await startTestAgent();
  const deps: World = {
    ...(await world(settings)),
    agent: () => createAgentClient({ socketPath: agent.socketPath }),
  };
  const api = await listen(deps);
  const id = await running(
    deps,
    (call, given) => api(call, given, headers),
    body,
  );
  const path = `${api.url}/v1/sandboxes/${id}/terminal`;
  return { deps, agent, api, id, path };
}

async function ready(dialed: Promise<Dialed>): Promise<Dialed> {
  const shown = await dialed;
  await shown.message('ready');
  return shown;
}

const sh = (script: string): string =>
  `cmd=/bin/sh&cmd=-c&cmd=${encodeURIComponent(script)}`;

describe('a terminal', () => {
  it('shows what is typed and what comes of it, and tells the exit code at its end', async () => {
    const { api, id, path } = await setting();
    const ticket = await api(`POST /v1/sandboxes/${id}/terminal-tickets`, {
      env: { GREETING: 'a=b' },
    });
    const protocols = z.array(z.string()).parse(ticket.body['protocols']);
    const shown = await ready(dial(`${path}?cols=91&rows=33`, {}, protocols));
    shown.type('stty size; echo "<$GREETING>"\n');
    await shown.shows('33 91');
    await shown.shows('<a=b>');
    shown.say({ type: 'resize', cols: 120, rows: 50 });
    shown.type('stty size\n');
    await shown.shows('50 120');
    shown.say({ type: 'ping' });
    await shown.message('pong');
    shown.type('exit 7\n');
    expect(await shown.closed).toBe(1000);
    expect(shown.messages.at(-1)).toEqual({ type: 'exit', exit_code: 7 });
  });

  it('keeps what is typed and the size of before it is ready', async () => {
    const { path } = await setting();
    const shown = await dial(`${path}?${sh('stty size; read x; echo "<$x>"')}`);
    shown.say({ type: 'resize', cols: 77, rows: 11 });
    shown.type('early\n');
    await shown.closed;
    expect(shown.text()).toContain('<early>');
  });

  it('is resumed where its reader was, after the connection broke', async () => {
    const { path } = await setting();
    const first = await ready(
      dial(`${path}?${sh('echo one; read x; echo "two$x"; read y; exit 5')}`),
    );
    const { terminal } = await first.message('ready');
    await first.shows('one');
    first.socket.terminate();
    const after = first.bytes().length;
    const resume = `${path}?terminal=${String(terminal)}`;
    const second = await ready(dial(`${resume}&after=${String(after)}`));
    expect(await second.message('ready')).toEqual({
      type: 'ready',
      terminal,
      offset: after,
    });
    second.type('!\n');
    await second.shows('two!');
    expect(second.text()).not.toContain('one');
    const third = await ready(dial(resume));
    expect(await second.closed).toBe(4409);
    expect(second.messages.at(-1)).toEqual({ type: 'taken_over' });
    await third.shows('two!');
    third.type('\n');
    expect(await third.message('exit')).toMatchObject({ exit_code: 5 });
  });

  it('ends when its client closes it as done, and is not there to be resumed', async () => {
    const { path } = await setting();
    const shown = await ready(dial(path));
    const { terminal } = await shown.message('ready');
    shown.socket.close(1000);
    const resume = `${path}?terminal=${String(terminal)}`;
    await until(async () => {
      const again = await dial(resume);
      await until(() => again.messages.length > 0);
      again.socket.terminate();
      return again.messages[0]?.['code'] === 'terminal_not_found';
    });
  });

  it('lets a program that floods wait for a reader that stalls, in little memory', async () => {
    const { path } = await setting();
    const shown = await ready(dial(`${path}?${sh('read x; seq 30000000')}`));
    shown.socket.pause();
    shown.type('\n');
    const rss = (): number => process.memoryUsage.rss() / 1_048_576;
    const before = rss();
    let still = 0;
    let last = -1;
    await until(() => {
      const now = Math.round(rss());
      still = now === last ? still + 1 : 0;
      last = now;
      return still > 30;
    });
    expect(rss() - before).toBeLessThan(60);
  });
});

describe('a sandbox with a terminal', () => {
  it('is started first when it sleeps, and the client told that it waits', async () => {
    const { deps, id, path } = await setting();
    stop(deps, id);
    const shown = await dial(`${path}?${sh('echo here')}`);
    const { job_id } = await shown.message('waiting');
    expect(deps.store.jobs.mailbox(id)).toMatchObject([
      { id: job_id, kind: 'start' },
    ]);
    begin(deps, id, 'starting');
    begin(deps, id, 'running');
    finish(deps.store, id);
    expect(await shown.message('exit')).toMatchObject({ exit_code: 0 });
    expect(shown.text()).toContain('here');
  });

  it('is told of when its start fails', async () => {
    const { deps, id, path } = await setting();
    stop(deps, id);
    const shown = await dial(path);
    await shown.message('waiting');
    finish(deps.store, id, {
      status: 'failed',
      error: { code: 'no_capacity', message: 'full', retryable: true },
    });
    expect(await shown.closed).toBe(4503);
    expect(await shown.message('error')).toMatchObject({ code: 'no_capacity' });
  });

  it('counts as used while somebody types or something is shown, and not for a terminal that is only open', async () => {
    const { deps, id, path } = await setting(
      {},
      {},
      { idle_timeout_seconds: 5 },
    );
    const lastActive = () => deps.store.sandboxes.get(id)?.last_active_at ?? 0;
    const shown = await ready(
      dial(`${path}?${sh('stty -echo; cat >/dev/null')}`),
    );
    const opened = lastActive();
    shown.say({ type: 'resize', cols: 50, rows: 50 });
    shown.say({ type: 'ping' });
    await shown.message('pong');
    expect(lastActive()).toBe(opened);
    shown.type('x');
    await until(() => lastActive() > opened);
    const typed = lastActive();
    const printing = await ready(
      dial(`${path}?${sh('sleep 2; echo x; read y')}`),
    );
    await printing.shows('x');
    await until(() => lastActive() > typed);
  });

  it('says that it was stopped, or deleted', async () => {
    const { deps, id, path, agent } = await setting();
    const shown = await ready(dial(path));
    begin(deps, id, 'stopping');
    await agent.end('SIGKILL');
    expect(await shown.closed).toBe(4409);
    expect(await shown.message('error')).toMatchObject({
      code: 'sandbox_not_running',
    });
    await expect(dial(`${path}?terminal=${id}`)).rejects.toThrow(
      /^404 .*terminal_not_found/,
    );
  });
});

describe('who may open a terminal', () => {
  it('is asked for before anything is started', async () => {
    const { deps, api, id, path } = await setting(TOKENS, ADMIN);
    stop(deps, id);
    const key = async (tenant: string, scope: string) => {
      const made = { name: 'k', tenant, scopes: [scope] };
      const { body } = await api('POST /v1/keys', made, ADMIN);
      return { authorization: `Bearer ${String(body['secret'])}` };
    };
    await expect(dial(path)).rejects.toThrow(/^401 .*unauthenticated/);
    await expect(dial(path, await key('ben', 'write'))).rejects.toThrow(
      /^404 .*sandbox_not_found/,
    );
    await expect(dial(path, await key('admin', 'read'))).rejects.toThrow(
      /^403 .*forbidden_scope/,
    );
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1'])
      await expect(dial(path, { ...ADMIN, origin })).rejects.toThrow(
        /^403 .*forbidden_origin/,
      );
    expect(deps.store.jobs.mailbox(id)).toEqual([]);
  });

  it('may be a page of this host or of the list', async () => {
    const { api, path } = await setting(
      { ...TOKENS, SANDBOXED_BUILDER_ORIGINS: 'https://builder.example' },
      ADMIN,
    );
    for (const origin of [api.url, 'https://builder.example'])
      await ready(dial(path, { ...ADMIN, origin }));
  });

  it('is in open mode who may call otherwise: no page of elsewhere, and no other name', async () => {
    const { api, path } = await setting();
    await ready(dial(path, { origin: api.url }));
    for (const headers of [
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'x-forwarded-for': '192.0.2.1' },
    ])
      await expect(dial(path, headers)).rejects.toThrow(
        /^403 .*forbidden_origin/,
      );
  });

  it('may come with a ticket of that sandbox, once and within half a minute', async () => {
    const { deps, api, id, path } = await setting(TOKENS, ADMIN);
    let now = Date.now();
    const clock = (): number => now;
    const late = await listen({
      ...deps,
      now: clock,
      tickets: createTickets(clock),
    });
    const ticket = async (of = api) => {
      const answer = await of(
        `POST /v1/sandboxes/${id}/terminal-tickets`,
        {},
        ADMIN,
      );
      expect(answer.status).toBe(201);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      return z.array(z.string()).parse(answer.body['protocols']);
    };
    const protocols = await ticket();
    const shown = await ready(dial(path, { origin: api.url }, protocols));
    expect(shown.socket.protocol).toBe('sandboxed.terminal.v1');
    await expect(dial(path, {}, protocols)).rejects.toThrow(/^401 /);
    const other = await running(deps, (call, body) => api(call, body, ADMIN));
    await expect(
      dial(path.replace(id, other), {}, await ticket()),
    ).rejects.toThrow(/^401 /);
    await expect(
      dial(path, { origin: 'https://evil.example' }, await ticket()),
    ).rejects.toThrow(/^403 /);
    const old = await ticket(late);
    now += 30_001;
    await expect(
      dial(`${late.url}/v1/sandboxes/${id}/terminal`, {}, old),
    ).rejects.toThrow(/^401 /);
    // The password of a proxy in front is no other word.
    const basic = { authorization: 'Basic YTpi' };
    await ready(dial(path, basic, await ticket()));
    // Tickets stand for nothing else.
    await expect(
      dial(`${api.url}/v1/sandboxes`, {}, await ticket()),
    ).rejects.toThrow(/^401 /);
  });

  it('is cut once the key is revoked, and told why', async () => {
    const { deps, api, path } = await setting(TOKENS, ADMIN);
    const { body } = await api(
      'POST /v1/keys',
      { name: 'k', tenant: 'admin', scopes: ['write'] },
      ADMIN,
    );
    const shown = await ready(
      dial(path, { authorization: `Bearer ${String(body['secret'])}` }),
    );
    deps.store.apiKeys.revoke(String(body['id']), Date.now());
    expect(await shown.closed).toBe(4401);
    expect(await shown.message('error')).toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('is counted among the streams of the tenant, and written down', async () => {
    const { deps, path, api, id } = await setting({
      SANDBOXED_QUOTA_STREAMS: '1',
    });
    const shown = await ready(dial(path));
    await expect(dial(path)).rejects.toThrow(/^429 .*rate_limited/);
    const metrics = await api('GET /metrics');
    expect(metrics.text).toContain('\nsandboxed_http_open_calls 1\n');
    shown.socket.terminate();
    await until(() => deps.meter.use('open').streams === 0);
    await ready(dial(path));
    const { body } = await api('GET /v1/audit');
    expect(body['items']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'GET /v1/sandboxes/{id}/terminal',
          outcome: 'accepted',
          target: { id, kind: 'sandbox' },
        }),
      ]),
    );
  });
});

it('answers who asks without a web socket, and with one elsewhere, like any call', async () => {
  const { api, id, path } = await setting();
  const plain = await api(`GET /v1/sandboxes/${id}/terminal`);
  expect(plain.status).toBe(400);
  expect(plain.body).toMatchObject({ code: 'invalid_request' });
  await expect(dial(`${path}?cols=0`)).rejects.toThrow(/^400 .*\/query\/cols/);
  const tickets = `POST /v1/sandboxes/${id}/terminal-tickets`;
  const env = { LD_PRELOAD: 'x' };
  expect((await api(tickets, { env })).status).toBe(400);
  await expect(dial(`${api.url}/v1/sandboxes`)).rejects.toThrow(/^200 /);
});

it('says what is wrong with a message that is none, and ends a terminal whose api goes away to be resumed', async () => {
  const { deps, path } = await setting();
  const wrong = await ready(dial(path));
  wrong.say({ type: 'what' });
  expect(await wrong.closed).toBe(4400);
  const shown = await ready(dial(path));
  const { terminal } = await shown.message('ready');
  deps.hub.release();
  expect(await shown.closed).toBe(1012);
  expect(terminal).toMatch(/^[0-9A-Z]{26}$/);
});

function begin(
  { store, now }: World,
  id: SandboxId,
  to: 'stopping' | 'stopped' | 'starting' | 'running',
): void {
  const events = {
    stopping: 'stop',
    stopped: 'exited',
    starting: 'start',
    running: 'ready',
  } as const;
  store.sandboxes.transition(id, events[to], {
    actor: 'test',
    reason: 'test',
    now: now(),
  });
}

function stop(deps: World, id: SandboxId): void {
  begin(deps, id, 'stopping');
  begin(deps, id, 'stopped');
}
