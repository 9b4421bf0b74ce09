import { WebSocket as Ws } from 'ws';
import { json, refusal } from '../../test/fake-api.ts';
import type {
  FakeTerminals,
  Meeting,
  Viewing,
} from '../../test/fake-terminals.ts';
import { fakeTerminals } from '../../test/fake-terminals.ts';
import {
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  UnavailableError,
} from '../errors.ts';
import { Client } from '../http/client.ts';
import type { Connection } from '../http/connection.ts';
import type { Terminal } from './terminal.ts';
import { Terminals } from './terminals.ts';

const global = Reflect.getOwnPropertyDescriptor(globalThis, 'WebSocket') ?? {};
let api: FakeTerminals | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
  Reflect.defineProperty(globalThis, 'WebSocket', global);
});

async function terminals(
  meetings: readonly Meeting[],
  more: Partial<Connection> = {},
  plain?: Parameters<typeof fakeTerminals>[1],
): Promise<{ readonly it: Terminals; readonly api: FakeTerminals }> {
  api = await fakeTerminals(meetings, plain);
  const client = new Client({ baseUrl: api.baseUrl, ...more });
  return { it: new Terminals(client, 'S'), api };
}

const ready =
  (offset = 0, then: (viewing: Viewing) => void = () => undefined) =>
  (viewing: Viewing): void => {
    viewing.say({ type: 'ready', terminal: 'T', offset });
    then(viewing);
  };

async function textOf(terminal: Terminal): Promise<string> {
  let text = '';
  for await (const bytes of terminal) text += Buffer.from(bytes).toString();
  return text;
}

const exit = (viewing: Viewing): void => {
  viewing.say({ type: 'exit', exit_code: 7 });
};

it('opens a program with a ticket, types, resizes, shows, and tells its exit code', async () => {
  const { it, api } = await terminals([ready()], { token: 'secret' });
  const cmd = ['bash', '-c', 'read x'];
  const size = { cols: 101, rows: 41 };
  const terminal = await it.open({
    ...size,
    ...{ cmd, cwd: 'src', env: { A_B: 'c' } },
  });
  expect(terminal.id).toBe('T');
  expect(api.came).toMatchObject([
    {
      url: '/v1/sandboxes/S/terminal-tickets',
      body: '{"env":{"A_B":"c"}}',
      headers: { authorization: 'Bearer secret' },
    },
  ]);
  const [viewing] = api.viewings;
  expect(viewing?.query.toString()).toBe(
    'cols=101&rows=41&cmd=bash&cmd=-c&cmd=read+x&cwd=src',
  );
  terminal.resize({ cols: 60, rows: 20 });
  const bytes = new Uint8Array([0x61, 0xff]);
  const typed = terminal.write(bytes);
  bytes.fill(0);
  await typed;
  await viewing?.types('a\u00ff');
  expect(viewing?.said).toEqual([{ type: 'resize', cols: 60, rows: 20 }]);
  viewing?.show('shown');
  viewing?.say({ type: 'exit', exit_code: 7 });
  expect(await textOf(terminal)).toBe('shown');
  expect(await terminal.exited).toEqual({ reason: 'exited', exitCode: 7 });
  await expect(terminal.write('x')).rejects.toThrow(NotFoundError);
});

it('goes on where it was after the connection broke, with each byte once', async () => {
  const broken = ready(0, (viewing) => {
    viewing.show('one');
    viewing.socket.once('message', () => {
      viewing.cut();
    });
  });
  const { it, api } = await terminals(
    [
      broken,
      'refuse',
      ready(3, (viewing) => {
        viewing.show('two');
        exit(viewing);
      }),
    ],
    {},
    (response, came) => {
      const answer = came.url.includes('/terminal')
        ? refusal(400, 'invalid_request')
        : json(200, { id: 'S', status: 'running' });
      answer(response, came);
    },
  );
  const statuses: string[] = [];
  const terminal = await it.open({
    env: { A: 'b' },
    onStatus: (status) => statuses.push(status),
  });
  const text = textOf(terminal);
  terminal.resize({ cols: 60, rows: 20 });
  expect(await text).toBe('onetwo');
  expect(terminal.lostBytes).toBe(0);
  expect(terminal.offset).toBe(6);
  expect(api.viewings[1]?.query.toString()).toBe(
    'cols=60&rows=20&terminal=T&after=3',
  );
  expect(statuses).toEqual(['connected', 'away', 'away', 'connected']);
  const tickets = api.came.filter(({ method }) => method === 'POST');
  expect(tickets.map(({ body }) => body)).toEqual([
    '{"env":{"A":"b"}}',
    '{}',
    '{}',
  ]);
});

it('counts what is not kept any more when it comes back', async () => {
  const { it, api } = await terminals([
    ready(40, (viewing) => {
      viewing.show('one');
      viewing.cut();
    }),
    ready(53, exit),
  ]);
  const terminal = await it.attach('T', { after: 30 });
  expect(await textOf(terminal)).toBe('one');
  expect(api.viewings.map(({ query }) => query.get('after'))).toEqual([
    '30',
    '43',
  ]);
  expect(terminal.lostBytes).toBe(20);
});

it('keeps the last 1 MiB for a reader that is late', async () => {
  const piece = 'x'.repeat(65_535);
  const { it } = await terminals([
    ready(0, (viewing) => {
      viewing.show('first');
      for (let n = 0; n < 16; n += 1) viewing.show(piece);
      viewing.show('and the very end');
      exit(viewing);
    }),
  ]);
  const terminal = await it.open();
  await terminal.exited;
  expect(terminal.lostBytes).toBe(5);
  expect(terminal.offset).toBe(5);
  expect(await textOf(terminal)).toBe(piece.repeat(16) + 'and the very end');
});

it('types what waited when the connection is there again, and takes no more than it may', async () => {
  let back: (viewing: Viewing) => void = () => undefined;
  const isBack = new Promise<Viewing>((resolve) => {
    back = resolve;
  });
  const { it, api } = await terminals([
    ready(),
    (viewing) => {
      back(viewing);
    },
  ]);
  let away: () => void = () => undefined;
  const isAway = new Promise<void>((resolve) => {
    away = resolve;
  });
  await using terminal = await it.open({
    onStatus: (status) => {
      if (status === 'away') away();
    },
  });
  api.viewings[0]?.cut();
  await isAway;
  const large = terminal.write(new Uint8Array(1_048_576).fill(0x61));
  await expect(terminal.write('b')).rejects.toThrow(LimitError);
  const viewing = await isBack;
  expect(viewing.typed()).toBe('');
  viewing.say({ type: 'ready', terminal: 'T', offset: 0 });
  await large;
  await terminal.write('end');
  await viewing.types('end');
  expect(viewing.typed()).toBe('a'.repeat(1_048_576) + 'end');
});

it.each([
  ['close', 1_000, 'closed'],
  ['detach', 4_000, 'detached'],
] as const)('ends by %s with the code %i', async (what, code, reason) => {
  const { it, api } = await terminals([
    ready(0, (viewing) => {
      viewing.show('shown');
    }),
  ]);
  const terminal = await it.open();
  const reader = terminal[Symbol.asyncIterator]();
  await reader.next();
  await terminal[what]();
  expect(await api.viewings[0]?.closed).toBe(code);
  expect(await terminal.exited).toEqual({ reason });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  await terminal.close();
  await expect(terminal.write('x')).rejects.toThrow(NotFoundError);
});

it('comes back to a terminal that is away to end it', async () => {
  const { it, api } = await terminals([ready(), ready()]);
  let closing: Promise<void> | undefined;
  const terminal = await it.open({
    onStatus(status) {
      if (status === 'away') closing = terminal.close();
    },
  });
  api.viewings[0]?.cut();
  expect(await terminal.exited).toEqual({ reason: 'closed' });
  await closing;
  expect(await api.viewings[1]?.closed).toBe(1_000);
});

it('says that another connection shows it now', async () => {
  const { it } = await terminals([
    ready(0, (viewing) => {
      viewing.say({ type: 'taken_over' });
    }),
  ]);
  const terminal = await it.open();
  expect(await terminal.exited).toEqual({ reason: 'taken_over' });
});

it('ends it with the reason of the signal, as it is opened and later', async () => {
  const why = new Error('enough');
  const early = new AbortController();
  const statuses: string[] = [];
  const { it, api } = await terminals([
    (viewing) => {
      viewing.say({ type: 'waiting', job_id: 'J' });
    },
    ready(),
  ]);
  const opening = it.open({
    signal: early.signal,
    onStatus(status) {
      statuses.push(status);
      early.abort(why);
    },
  });
  await expect(opening).rejects.toBe(why);
  expect(statuses).toEqual(['starting']);
  expect(await api.viewings[0]?.closed).toBe(1_000);

  const late = new AbortController();
  const terminal = await it.open({ signal: late.signal });
  const reading = textOf(terminal);
  late.abort(why);
  await expect(reading).rejects.toBe(why);
  await expect(terminal.exited).rejects.toBe(why);
  expect(await api.viewings[1]?.closed).toBe(1_000);
  await expect(it.open({ signal: late.signal })).rejects.toBe(why);
});

it('throws what it is told, to who reads and who waits', async () => {
  const { it, api } = await terminals([
    ready(0, (viewing) => {
      viewing.show('shown');
      viewing.say({
        ...{ type: 'error', code: 'sandbox_not_running' },
        ...{ message: 'The sandbox was stopped.', retryable: false },
      });
    }),
  ]);
  const terminal = await it.open();
  const reader = terminal[Symbol.asyncIterator]();
  expect(await reader.next()).toMatchObject({ done: false });
  await expect(reader.next()).rejects.toThrow(ConflictError);
  await expect(terminal.exited).rejects.toThrow('The sandbox was stopped.');
  expect(api.viewings).toHaveLength(1);
});

it('comes back to a sandbox that did not answer for a moment', async () => {
  const { it } = await terminals([
    ready(0, (viewing) => {
      viewing.say({
        ...{ type: 'error', code: 'agent_unreachable' },
        ...{ message: 'Connect again.', retryable: true },
      });
    }),
    ready(0, exit),
  ]);
  const terminal = await it.open();
  expect(await terminal.exited).toMatchObject({ exitCode: 7 });
});

it('leaves it to the caller when a terminal could not be begun', async () => {
  const { it, api } = await terminals([
    (viewing) => {
      viewing.say({
        ...{ type: 'error', code: 'no_capacity' },
        ...{ message: 'The host is full.', retryable: true },
      });
    },
  ]);
  await expect(it.open()).rejects.toThrow(UnavailableError);
  expect(api.viewings).toHaveLength(1);
});

it('asks why a web socket was refused', async () => {
  const { it, api } = await terminals(['refuse'], {}, refusal(409, 'busy'));
  await expect(it.open({ cols: 3 })).rejects.toMatchObject({ code: 'busy' });
  expect(api.came[1]).toMatchObject({
    method: 'GET',
    url: '/v1/sandboxes/S/terminal?cols=3',
  });
});

it('says so when web sockets do not get through', async () => {
  const { it } = await terminals(['refuse'], { maxRetries: 1 });
  await expect(it.open()).rejects.toThrow(ConnectionError);
  await expect(it.open()).rejects.toThrow('did not open');
});

it('says that a terminal went with its sandbox', async () => {
  const { it, api } = await terminals([ready(), 'refuse'], {}, (...call) => {
    const isTerminal = call[1].url.includes('/terminal');
    const answer = isTerminal
      ? refusal(400, 'invalid_request')
      : json(200, { id: 'S', status: 'stopped' });
    answer(...call);
  });
  const terminal = await it.open();
  api.viewings[0]?.cut();
  await expect(terminal.exited).rejects.toThrow(ConflictError);
});

it('begins a program once: when nothing was said of it, its caller decides', async () => {
  const cut = (viewing: Viewing): void => {
    viewing.cut();
  };
  const { it, api } = await terminals([cut, cut, ready()]);
  await expect(it.open({ cmd: ['make'] })).rejects.toThrow(ConnectionError);
  expect(api.viewings).toHaveLength(1);
  await using terminal = await it.open();
  expect(terminal.id).toBe('T');
  expect(api.viewings).toHaveLength(3);
});

it('takes silence for a broken connection, and asks before it does', async () => {
  let isBack: (viewing: Viewing) => void = () => undefined;
  const second = new Promise<Viewing>((resolve) => {
    isBack = resolve;
  });
  const { it } = await terminals(
    [
      ready(0, ({ socket }) => {
        socket.removeAllListeners('message');
      }),
      ready(0, (viewing) => {
        isBack(viewing);
      }),
    ],
    { silenceMs: 600 },
  );
  const statuses: string[] = [];
  const terminal = await it.open({
    onStatus: (status) => statuses.push(status),
  });
  // That takes longer than silence is borne.
  await (await second).pings(4);
  expect(statuses).toEqual(['connected', 'away', 'connected']);
  await terminal.close();
});

it('says what to do where there is no WebSocket, and takes that of a package', async () => {
  const { it, api } = await terminals([ready()]);
  Reflect.deleteProperty(globalThis, 'WebSocket');
  await expect(it.open()).rejects.toThrow(InvalidRequestError);
  await expect(it.open()).rejects.toThrow('"ws" as `webSocket`');
  const client = new Client({ baseUrl: api.baseUrl, webSocket: Ws });
  const terminal = await new Terminals(client, 'S').open();
  await terminal.write('typed');
  await api.viewings[0]?.types('typed');
  await terminal.close();
});
