import { sandboxIdSchema } from '@sandboxed/domain';
import { pageAfter } from '../src/http/event-page.ts';
import {
  afterwards,
  cleanUp,
  finish,
  listen,
  running,
  world,
} from './support.ts';

afterEach(cleanUp);

const STREAMS = 40;

/** A job whose events are read through `store`, and how often they were. */
async function watchedJob() {
  const deps = await world();
  let reads = 0;
  const events = {
    ...deps.store.events,
    after(...query: Parameters<typeof deps.store.events.after>) {
      reads += 1;
      return deps.store.events.after(...query);
    },
  };
  const store = { ...deps.store, events };
  const api = await listen({ ...deps, store });
  const id = await running(deps, api);
  const { body } = await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
  const [letter] = deps.store.jobs.mailbox(id);
  if (letter === undefined) throw new Error('there is no job');
  return {
    ...{ deps, id, jobId: letter.id, store },
    url: `${api.url}${String(body['events_url'])}`,
    reads: () => reads,
    say: (text: string) =>
      deps.store.events.append({
        ...{ sandboxId: id, jobId: letter.id, type: 'stdout' },
        ...{ data: { text, offset: 0 }, now: deps.now() },
      }),
  };
}

/** Reads on until the text has come, and answers all that came till then. */
async function until(
  reader: ReadableStreamDefaultReader<string>,
  text: string,
): Promise<string> {
  let all = '';
  while (!all.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended without ${text}`);
    all += value;
  }
  return all;
}

async function open(url: string): Promise<ReadableStreamDefaultReader<string>> {
  const stop = new AbortController();
  afterwards(() => {
    stop.abort();
  });
  const { body } = await fetch(url, { signal: stop.signal });
  if (body === null) throw new Error('no body');
  return body.pipeThrough(new TextDecoderStream()).getReader();
}

it('reads an event once, however many streams of its job are open', async () => {
  const { url, say, reads } = await watchedJob();
  const readers = await Promise.all(
    Array.from({ length: STREAMS }, () => open(url)),
  );
  for (const reader of readers) await until(reader, 'event: status');
  say('first');
  for (const reader of readers) await until(reader, 'first');
  const before = reads();
  say('second');
  const heard = await Promise.all(
    readers.map((reader) => until(reader, 'second')),
  );
  for (const text of heard) expect(text.match(/^id: /gm)).toHaveLength(1);
  // One more where the second in which nobody tells of anything ends just then.
  expect(reads() - before).toBeLessThanOrEqual(3);
});

it('gives each stream what it asked for, wherever others stand', async () => {
  const { url, say, deps, id } = await watchedJob();
  const seqs = Array.from({ length: 30 }, (_, n) => say(String(n)));
  const texts = seqs.map((seq) =>
    fetch(`${url}?after=${seq}`).then((response) => response.text()),
  );
  finish(deps.store, id);
  for (const [index, text] of (await Promise.all(texts)).entries()) {
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, got]) =>
      Number(got),
    );
    expect(ids.slice(0, -2)).toEqual(seqs.slice(index + 1));
    expect(text).toContain('event: done');
  }
});

it('hands nobody the events of a job to the sandbox that was given its id', async () => {
  const { jobId, store, say } = await watchedJob();
  say('not for others');
  const look = {};
  const ofJob = pageAfter(store, { jobId }, 0, look);
  const sandboxId = sandboxIdSchema.parse(jobId);
  const ofSandbox = pageAfter(store, { sandboxId }, 0, look);
  expect(ofJob.chunks.join('')).toContain('not for others');
  expect(ofSandbox.chunks).toEqual([]);
});

it('hands large events on in pieces that a slow reader can be stopped between', async () => {
  const { store, jobId, say } = await watchedJob();
  for (let n = 0; n < 20; n += 1) say('x'.repeat(30_000));
  const page = pageAfter(store, { jobId }, 0, {});
  expect(page.chunks.length).toBeGreaterThanOrEqual(10);
  for (const chunk of page.chunks) {
    expect(chunk.length).toBeLessThanOrEqual(65_536);
    expect(chunk.toString()).toMatch(/^id: [\s\S]*\n\n$/);
  }
});
