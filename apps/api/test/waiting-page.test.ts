import { runInNewContext } from 'node:vm';
import { waitingPage } from '../src/wake/pages.ts';

/** Runs the page's script in a browser of which only this much is there. */
async function run(answers: readonly (Response | Error)[]): Promise<{
  reloads: number;
  shown: Record<string, string>;
  polls: number;
  headers: unknown;
}> {
  const script = /<script>([^]*?)<\/script>/.exec(waitingPage())?.[1] ?? '';
  const elements: Record<string, { textContent: string; remove: () => void }> =
    {
      h1: { textContent: '', remove: () => undefined },
      p: { textContent: '', remove: () => undefined },
      '.dot': {
        textContent: 'dot',
        remove: () => {
          delete elements['.dot'];
        },
      },
    };
  const seen = { reloads: 0, polls: 0, headers: undefined as unknown };
  let now = 0;
  await runInNewContext(script, {
    document: {
      querySelector: (name: string) => elements[name],
      title: '',
    },
    location: {
      href: '/here',
      reload: () => {
        seen.reloads += 1;
      },
    },
    Date: { now: () => now },
    setTimeout: (done: () => void, ms: number) => {
      now += ms;
      done();
    },
    fetch: (_url: string, options: { headers?: unknown }) => {
      seen.headers = options.headers;
      const answer = answers[Math.min(seen.polls, answers.length - 1)];
      seen.polls += 1;
      return answer instanceof Response
        ? Promise.resolve(answer.clone())
        : Promise.reject(answer ?? new Error('nothing'));
    },
  });
  return {
    ...seen,
    shown: {
      title: elements['h1']?.textContent ?? '',
      text: elements['p']?.textContent ?? '',
    },
  };
}

const refusal = new Response(
  JSON.stringify({
    title: 'It did not start',
    detail: 'No <b>libc</b> in it.',
  }),
  {
    status: 502,
    headers: { 'X-Sandboxed-Error': 'start_failed' },
  },
);
const notYet = new Response('', { status: 502 });

it('opens the app once that answers, whatever it says', async () => {
  for (const status of [200, 404, 500]) {
    const { reloads, polls, headers } = await run([
      notYet,
      new Error('cut off'),
      notYet,
      new Response('', { status }),
    ]);
    expect([reloads, polls]).toEqual([1, 4]);
    expect(headers).toEqual({ 'X-Sandboxed-Poll': '1' });
  }
});

it('shows a failure in place, as text, and asks no more', async () => {
  const { reloads, polls, shown } = await run([notYet, refusal]);
  expect([reloads, polls]).toEqual([0, 2]);
  expect(shown).toEqual({
    title: 'It did not start',
    text: 'No <b>libc</b> in it.',
  });
});

it('gives up after some minutes without asking anew', async () => {
  const { reloads, polls, shown } = await run([notYet]);
  expect(reloads).toBe(0);
  expect(polls).toBeGreaterThan(60);
  expect(polls).toBeLessThanOrEqual(300);
  expect(shown['text']).toContain('Reload');
});

it('does not reload by itself without scripts: each would start it again', () => {
  expect(waitingPage()).not.toContain('http-equiv');
});
