import fc from 'fast-check';
import type { World } from './support.ts';
import { cleanUp, finish, listen, running, world } from './support.ts';

afterEach(cleanUp);

/** More than a stream reads at once. */
const PIECES = 450;

/** The stream of a job that is over, whose events lie between those of others; with the numbers of its own. */
async function longJob(deps: World) {
  const api = await listen(deps);
  const id = await running(deps, api);
  const other = await running(deps, api);
  const { body } = await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
  const [letter] = deps.store.jobs.mailbox(id);
  if (letter === undefined) throw new Error('there is no job');
  deps.store.transaction(() => {
    for (let n = 0; n < PIECES; n += 1)
      for (const sandboxId of n % 3 === 0 ? [other, id] : [id])
        deps.store.events.append({
          sandboxId,
          jobId: sandboxId === id ? letter.id : null,
          type: 'stdout',
          data: { text: String(n), offset: n },
          now: deps.now(),
        });
  });
  finish(deps.store, id);
  const all = deps.store.events.after({ jobId: letter.id }, 0, 1_000);
  return {
    url: `${api.url}${String(body['events_url'])}`,
    seqs: all.map(({ seq }) => seq),
  };
}

/** The ids of a stream from a place on, as a client gets them that goes away after `most` of them. */
async function read(
  url: string,
  from: { readonly header?: string; readonly query?: string },
  most = Infinity,
): Promise<{ status: number; seqs: number[] }> {
  const stop = new AbortController();
  const query =
    from.query === undefined ? '' : `?after=${encodeURIComponent(from.query)}`;
  const response = await fetch(url + query, {
    signal: stop.signal,
    headers: from.header === undefined ? {} : { 'last-event-id': from.header },
  });
  const seqs: number[] = [];
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const id = /^id: (\d+)$/m.exec(frame)?.[1];
      if (id !== undefined && seqs.length < most) seqs.push(Number(id));
    }
    if (seqs.length >= most) break;
  }
  stop.abort();
  return { status: response.status, seqs };
}

it('goes on from any number with all that is after it, and nothing twice', async () => {
  const { url, seqs } = await longJob(await world());
  const last = seqs.at(-1) ?? 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat(last + 10), fc.nat(999_999_999_999_999)),
      fc.boolean(),
      async (after, byHeader) => {
        const from = byHeader
          ? { header: String(after), query: '0' }
          : { query: String(after) };
        expect((await read(url, from)).seqs).toEqual(
          seqs.filter((seq) => seq > after),
        );
      },
    ),
    { numRuns: 25 },
  );
});

it('comes whole to a reader that breaks off again and again', async () => {
  const { url, seqs } = await longJob(await world());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 300 }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (parts) => {
        const got: number[] = [];
        for (const most of [...parts, Infinity])
          got.push(
            ...(await read(url, { header: String(got.at(-1) ?? 0) }, most))
              .seqs,
          );
        expect(got).toEqual(seqs);
      },
    ),
    { numRuns: 10 },
  );
});

it('takes a number and nothing else', async () => {
  const { url } = await longJob(await world());
  const wrong = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      '-1',
      '1e3',
      '0x1',
      '1.5',
      ' ',
      '١',
      '9'.repeat(16),
      '9'.repeat(400),
      'NaN',
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      wrong.filter((text) => !/^\d{1,15}$/.test(text)),
      async (query) => {
        const { status, seqs } = await read(url, { query });
        expect([status, seqs]).toEqual([400, []]);
      },
    ),
    { numRuns: 40 },
  );
});
