import { ConnectionError } from '@sandboxed/sdk';
import { useEffect, useState } from 'react';
import { useVisible } from '../../ui/use-visible.ts';
import { useWorkspace } from '../use-workspace.ts';
import { withGap } from './log-gap.ts';
import { plainEnd } from './plain-end.ts';

const AGAIN_MS = 1_000;
const PACE_MS = 100;

/** The end of a service's log, as it grows, with a line where something is lost; read anew when the connection breaks, and when the tab is seen again. */
export function useServiceLog(name: string): {
  readonly text: string;
  readonly error: unknown;
} {
  const { sbx } = useWorkspace();
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>(null);
  const isSeen = useVisible();
  useEffect(() => {
    if (!isSeen) return;
    const left = new AbortController();
    const { signal } = left;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      let latest = '';
      const onGap = (lostBytes: number | undefined) => {
        latest = withGap(latest, lostBytes);
      };
      const pieces = sbx.services.follow(name, { signal, onGap });
      for await (const more of pieces) {
        latest = plainEnd(latest + more);
        timer ??= setTimeout(() => {
          timer = undefined;
          setError(null);
          setText(latest);
        }, PACE_MS);
      }
    };
    const begin = () => {
      read().then(later, (failure: unknown) => {
        if (signal.aborted) return;
        setError(failure);
        if (failure instanceof ConnectionError) later();
      });
    };
    const later = () => {
      if (!signal.aborted) again = setTimeout(begin, AGAIN_MS);
    };
    let again: ReturnType<typeof setTimeout> | undefined;
    begin();
    return () => {
      left.abort();
      clearTimeout(timer);
      clearTimeout(again);
    };
  }, [sbx, name, isSeen]);
  return { text, error };
}
