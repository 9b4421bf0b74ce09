import { createHmac } from 'node:crypto';
import type { CrashPoint } from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';
import { ulid } from 'ulid';
import {
  afterwards,
  cleanUp,
  until,
} from '../../../../libs/queue/test/support.ts';
import type { Post, SendPost } from '../../src/webhooks/post.ts';
import { createDeliverer } from '../../src/webhooks/deliverer.ts';
import { dataDirectory, runningSandbox, storeIn } from '../support.ts';

afterEach(cleanUp);

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const quiet = { info: no, warn: no, error: no };
function no(): void {
  return undefined;
}

function hook(store: Store, tenant = 'open', url = 'https://a.example/') {
  const webhook = {
    ...{ id: ulid(), tenant, url, events: ['sandbox.created' as const] },
    ...{ description: '', made_by: 'test', created_at: 1 },
  };
  return store.webhooks.insert(webhook, SECRET).id;
}

/** A receiver that never answers. */
const unanswered = ({ signal }: Post): Promise<number> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

/** Delivers what is in a store of its own by `send`, until the test ends. */
async function delivering(
  send: SendPost,
  begin: (store: Store) => void,
  clock: { skewMs: number } = { skewMs: 0 },
) {
  const store = storeIn(await dataDirectory());
  begin(store);
  const passed: CrashPoint[] = [];
  const deliverer = createDeliverer({
    store,
    send,
    now: () => Date.now() + clock.skewMs,
    random: () => 0,
    logger: quiet,
    reach: (point) => passed.push(point),
  });
  afterwards(() => deliverer.close(0));
  return { store, deliverer, passed };
}

const ended = (store: Store, id: string, count: number) => (): boolean =>
  store.deliveries
    .list(id, 200)
    .items.filter(({ status }) => status === 'delivered').length === count;

it('delivers what happened, signed so that a receiver can tell', async () => {
  const posts: Post[] = [];
  let id = '';
  const { store, passed } = await delivering(
    (post) => {
      posts.push(post);
      return Promise.resolve(200);
    },
    (fresh) => {
      id = hook(fresh);
      runningSandbox(fresh, Date.now());
    },
  );
  await until(ended(store, id, 1));
  const [post] = posts;
  if (post === undefined) throw new Error('nothing was sent');
  const { headers, body } = post;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', Buffer.alloc(32, 1)).update(signed);
  expect(headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`);
  expect(JSON.parse(body)).toMatchObject({
    type: 'sandbox.created',
    data: { to: 'creating' },
  });
  expect(passed).toEqual([
    'webhook.planned',
    'webhook.claimed',
    'webhook.sent',
  ]);
});

it('signs with both secrets after a rotation', async () => {
  let signature = '';
  await delivering(
    ({ headers }) => {
      signature = headers['webhook-signature'] ?? '';
      return Promise.resolve(200);
    },
    (fresh) => {
      const id = hook(fresh);
      fresh.webhooks.rotate(id, 'whsec_bmV3', Date.now());
      fresh.deliveries.addTest(id, Date.now());
    },
  );
  await until(() => signature !== '');
  expect(signature).toMatch(/^v1,[\w+/=]{44} v1,[\w+/=]{44}$/);
});

it('tries again later what failed, under the same id, until it is taken', async () => {
  const ids: (string | undefined)[] = [];
  const clock = { skewMs: 0 };
  let id = '';
  const { store, deliverer } = await delivering(
    ({ headers }) => {
      ids.push(headers['webhook-id']);
      if (ids.length === 1) return Promise.reject(new Error('refused'));
      return Promise.resolve(ids.length === 2 ? 503 : 200);
    },
    (fresh) => {
      id = hook(fresh);
      fresh.deliveries.addTest(id, Date.now());
    },
    clock,
  );
  const failed = () => store.deliveries.list(id, 1).items[0];
  await until(() => failed()?.error === 'refused');
  expect(failed()).toMatchObject({ status: 'pending', attempts: 1 });
  await until(() => {
    clock.skewMs += 1_000;
    deliverer.wake();
    return ended(store, id, 1)();
  });
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  expect(store.webhooks.get(id)?.failing_since).toBeNull();
});

it('goes on beside receivers that never answer, whosever they are', async () => {
  let id = '';
  const { store } = await delivering(
    (post) =>
      post.url.includes('stuck') ? unanswered(post) : Promise.resolve(200),
    (fresh) => {
      for (let tenant = 0; tenant < 5; tenant += 1)
        for (let each = 0; each < 10; each += 1) {
          const slow = hook(fresh, `t${tenant}`, 'https://stuck.example/');
          for (let n = 0; n < 20; n += 1)
            fresh.deliveries.addTest(slow, Date.now());
        }
      id = hook(fresh);
      for (let n = 0; n < 50; n += 1) fresh.deliveries.addTest(id, Date.now());
    },
  );
  await until(ended(store, id, 50));
});

it('gives back at its end what it has not finished, so that the next process sends it at once', async () => {
  let id = '';
  const { store, deliverer } = await delivering(unanswered, (fresh) => {
    id = hook(fresh);
    fresh.deliveries.addTest(id, Date.now());
  });
  await until(() => store.deliveries.due(Date.now()).length === 0);
  await deliverer.close(0);
  expect(store.deliveries.claim(id, Date.now())).toMatchObject({ attempts: 1 });
});

it('switches off what says that it is gone, and writes that down', async () => {
  let id = '';
  const { store } = await delivering(
    () => Promise.resolve(410),
    (fresh) => {
      id = hook(fresh);
      for (let n = 0; n < 3; n += 1) fresh.deliveries.addTest(id, Date.now());
    },
  );
  await until(() => store.webhooks.get(id)?.disabled_reason === 'gone');
  expect(store.deliveries.figures().pending).toBe(0);
  expect(store.audit.list({ limit: 1 }).items).toMatchObject([
    { action: 'webhook.disabled', target_id: id, detail: { reason: 'gone' } },
  ]);
});

it('switches off what failed for days, after the last try of a delivery', async () => {
  const clock = { skewMs: 0 };
  let tries = 0;
  let id = '';
  const { store, deliverer } = await delivering(
    () => {
      tries += 1;
      return Promise.resolve(500);
    },
    (fresh) => {
      id = hook(fresh);
      fresh.deliveries.addTest(id, Date.now());
    },
    clock,
  );
  const reason = () => store.webhooks.get(id)?.disabled_reason;
  await until(() => {
    clock.skewMs += 3_600_000;
    deliverer.wake();
    return reason() !== null;
  });
  expect(reason()).toBe('failing');
  expect(tries).toBe(11);
  expect(store.deliveries.list(id, 1).items).toMatchObject([
    { status: 'failed', attempts: 11, error: 'answered 500' },
  ]);
});
