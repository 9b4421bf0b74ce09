import { openBoard } from '@sandboxed/queue';
import { freshRedis, PREFIX } from '../../../libs/queue/test/support.ts';
import { BOARD_PATH } from '../src/http/queue-board.ts';
import { afterwards, cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const TOKENS = {
  SANDBOXD_API_TOKENS: 'ann:annannannannannann,admin:adminadminadminadm',
};
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}`,
});
const ADMIN = basic('adminadminadminadm');

async function served(settings: Readonly<Record<string, string>> = TOKENS) {
  const redis = await freshRedis();
  const deps = await world(settings);
  let opened = 0;
  const api = await listen({
    ...deps,
    async board() {
      opened += 1;
      const board = await openBoard({
        redisUrl: `unix://${redis.url}`,
        prefix: PREFIX,
        basePath: BOARD_PATH,
        onError: () => undefined,
      });
      afterwards(() => board.close());
      return board;
    },
  });
  return { api, opened: () => opened };
}

it('shows admins the queues, with the page that a browser makes of them', async () => {
  const { api } = await served();
  const page = await api(`GET ${BOARD_PATH}`, undefined, ADMIN);
  expect(page.status).toBe(200);
  expect(page.text).toContain('<base href="/admin/queues');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self'");
  const [, script = ''] = /src="(static\/js\/main[^"]+)"/.exec(page.text) ?? [];
  const file = await api(`GET ${BOARD_PATH}/${script}`, undefined, ADMIN);
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).toContain('javascript');
  const queues = await api(`GET ${BOARD_PATH}/api/queues`, undefined, ADMIN);
  const { body } = queues;
  const names = (body['queues'] as { name: string; readOnlyMode: boolean }[])
    .filter(({ readOnlyMode }) => readOnlyMode)
    .map(({ name }) => name);
  expect(names).toEqual([
    ...['lifecycle', 'exec', 'task', 'maintenance', 'reaper'],
  ]);
});

it('is opened by nobody else, and asks a browser for a password', async () => {
  const { api, opened } = await served();
  const stranger = await api(`GET ${BOARD_PATH}/api/queues`);
  expect(stranger.status).toBe(401);
  expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic /);
  const wrong = basic('wrongwrongwrongwrong');
  expect((await api(`GET ${BOARD_PATH}`, undefined, wrong)).status).toBe(401);
  const ann = basic('annannannannannann');
  expect((await api(`GET ${BOARD_PATH}`, undefined, ann)).status).toBe(403);
  expect(opened()).toBe(0);
});

it('changes nothing, whoever asks', async () => {
  const { api, opened } = await served();
  for (const call of [
    `PUT ${BOARD_PATH}/api/queues/exec/empty`,
    `POST ${BOARD_PATH}/api/queues/exec/add`,
    `DELETE ${BOARD_PATH}/api/queues/exec`,
  ])
    expect((await api(call, {}, ADMIN)).status).toBe(405);
  expect(opened()).toBe(0);
});

it('takes a password on its own pages alone', async () => {
  const { api } = await served();
  expect((await api('GET /v1/sandboxes', undefined, ADMIN)).status).toBe(401);
});
