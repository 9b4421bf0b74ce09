/** What is said differently by a program that waits by standing still. The first that fits a place counts for it. */
const SAID = [
  // Of their tests.
  [/^pytestmark = pytest\.mark\.anyio\n/gm, ''],
  [/^from anyio import Path$/gm, 'from pathlib import Path'],
  [/\bAwaitable\[(\w+)\]/g, '$1'],
  [/\basync (def|for|with)\b/g, '$1'],
  // With its parentheses, in what they were needed for.
  [
    /(?<!\w)\(await ([\w.]+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))\)(?=\.)/g,
    '$1',
  ],
  [/\bawait\s+/g, ''],
  [/\bhttpx\.AsyncByteStream\b/g, 'httpx.SyncByteStream'],
  [/\bAsync(?=[A-Z])/g, ''],
  [/\b__a(enter|exit|iter)__\b/g, '__$1__'],
  [/\basynccontextmanager\b/g, 'contextmanager'],
  [/\basyncio(_detailed)?(?=\()/g, 'sync$1'],
  [/\basync_transport\b/g, 'transport'],
  [/\b(handle|get)_async_(request|httpx_client)\b/g, '$1_$2'],
  [/\ba(read|close|iter|next|iter_bytes)(?=\()/g, '$1'],
  [/\basynchronous\b/g, 'synchronous'],
];

/** The source of a Python module for synchronous programs, of the one for asynchronous ones. */
export function synchronous(source) {
  return SAID.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    source,
  );
}
