const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0;background:#fafafa;color:#222}main{max-width:34rem;padding:1rem;text-align:center}code{background:#eee;padding:0 .3em;overflow-wrap:anywhere}.dot{width:14px;height:14px;border-radius:50%;background:#4a7;margin:0 auto 1rem;animation:p 1.2s ease-in-out infinite}@keyframes p{50%{opacity:.2}}';

function page(title: string, text: string, extra = '', head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style>${head}</head><body><main>${extra}<h1>${escape(title)}</h1><p>${escape(text)}</p></main></body></html>`;
}

/** Marks a request of the waiting page's own: it follows a start and never asks for one. */
export const POLL_HEADER = 'X-Sandboxed-Poll';
/** The waiting page asks for this long; longer than any start and an app's time to listen. */
const POLL_MS = 300_000;

// Asks for the page itself, as a program: the wake path holds that until the app answers or tells why it cannot, and while
// the container is up and the app is not yet, the edge says 502. Anything else is the app.
const POLL = `<script>
(async () => {
  const show = (title, text) => {
    document.title = title;
    document.querySelector('h1').textContent = title;
    document.querySelector('p').textContent = text;
    document.querySelector('.dot').remove();
  };
  for (const end = Date.now() + ${POLL_MS}; Date.now() < end; ) {
    const answer = await fetch(location.href, { cache: 'no-store', redirect: 'manual', headers: { '${POLL_HEADER}': '1' } }).catch(() => undefined);
    if (answer && answer.headers.has('X-Sandboxed-Error')) {
      const { title, detail } = await answer.json();
      show(title, detail);
      return;
    }
    if (answer && ![502, 503, 504].includes(answer.status)) {
      location.reload();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  show('The app does not answer', 'Reload this page to try again.');
})();
</script><noscript><p>Reload this page in a moment.</p></noscript>`;

/** What a browser shows while a sandbox wakes: it opens the app by itself once that answers. */
export function waitingPage(): string {
  return page(
    'Waking up',
    'This app was asleep. It opens here by itself in a moment.',
    '<div class="dot"></div>',
    POLL,
  );
}

/** What a browser shows when there is nothing to wait for. */
export function failurePage(title: string, text: string): string {
  return page(title, text);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}
