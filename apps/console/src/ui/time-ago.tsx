import { useEffect, useState } from 'react';
import { ago } from './ago.ts';

const TICK_MS = 10_000;

/** How long ago something was, kept true; the time itself for who points at it. */
export function TimeAgo({ at }: { readonly at: string }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(Date.now());
    }, TICK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {ago(nowMs - Date.parse(at))}
    </time>
  );
}
