import { useEffect, useState } from 'react';

/** What became of it is told for so long. */
const TOLD_MS = 5_000;

/** Copies a text, and says so. Where the browser lets no page copy, as over plain HTTP, it shows the text to be copied by hand. */
export function CopyButton({
  text,
  what,
}: {
  readonly text: string;
  /** What the text is, as in “Copy the id”. */
  readonly what: string;
}) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (outcome !== 'copied') return;
    const timer = setTimeout(setOutcome, TOLD_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = async () => {
    // There is no clipboard at all on a page without TLS, whatever its type says.
    await navigator.clipboard.writeText(text);
  };
  return (
    <span className="copy">
      <button
        type="button"
        onClick={() => {
          copy().then(
            () => {
              setOutcome('copied');
            },
            () => {
              setOutcome('refused');
            },
          );
        }}
      >
        Copy<span className="unseen"> {what}</span>
      </button>
      <span role="status" className="faint small break">
        {outcome === 'copied' && (
          <>
            Copied<span className="unseen"> {what}</span>
          </>
        )}
        {outcome === 'refused' && (
          <>
            This browser lets no page copy. By hand: <code>{text}</code>
          </>
        )}
      </span>
    </span>
  );
}
