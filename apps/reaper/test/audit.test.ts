import { cleanUp } from '../../../libs/queue/test/support.ts';
import { proposeIdleStops } from '../src/propose-idle-stops.ts';
import { createTrimNotes, trimAudit } from '../src/trim-audit.ts';
import { dataDirectory, newJobId, runningSandbox, storeIn } from './support.ts';

afterEach(cleanUp);

const HOUR_MS = 3_600_000;

test('an idle stop is written down as the act of the reaper, in the name of the tenant it happens to', async () => {
  const store = storeIn(await dataDirectory());
  const now = Date.now();
  const id = runningSandbox(store, now - 60_000);
  proposeIdleStops({ store, newJobId, now: () => now });
  expect(store.audit.list({ limit: 10 }).items).toMatchObject([
    {
      at_ms: now,
      actor: 'reaper:idle',
      tenant: 'open',
      action: 'job.stop',
      target_kind: 'sandbox',
      target_id: id,
      source: null,
      request_id: null,
      outcome: 'accepted',
    },
  ]);
});

test('trimming is written down: the first of the history at once, then hourly, and all of the audit log', async () => {
  const store = storeIn(await dataDirectory());
  const start = Date.now() - 30 * HOUR_MS;
  const note = createTrimNotes(store);
  for (let tick = 0; tick <= 360; tick += 1) note(1, start + tick * 10_000);
  const told = () =>
    store.audit.list({ limit: 10 }).items.map(({ action, actor, detail }) => ({
      action,
      actor,
      ...detail,
    }));
  const actor = 'reaper:trim';
  expect(told()).toEqual([
    { action: 'trim.history', actor, rows: 360 },
    { action: 'trim.history', actor, rows: 1 },
  ]);
  const bounds = { keepMs: 24 * HOUR_MS, maxRows: 1_000 };
  expect(await trimAudit(store, bounds, Date.now())).toBe(2);
  expect(await trimAudit(store, bounds, Date.now())).toBe(0);
  expect(told()).toEqual([{ action: 'trim.audit', actor, rows: 2 }]);
});
