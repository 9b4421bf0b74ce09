import { useLayoutEffect, useRef } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { isAtEnd } from '../../ui/is-at-end.ts';
import { useServiceLog } from './use-service-log.ts';

/** The last lines of a service, and what it goes on to write. Stays at its end unless somebody scrolls up. */
export function ServiceLog({ name }: { readonly name: string }) {
  const { text, error } = useServiceLog(name);
  const place = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const box = place.current;
    if (box !== null && follows.current) box.scrollTop = box.scrollHeight;
  }, [text]);
  return (
    <>
      <pre
        ref={place}
        className="output service-log"
        tabIndex={0}
        role="log"
        aria-label={`Log of ${name}`}
        onScroll={({ currentTarget }) => {
          follows.current = isAtEnd(currentTarget);
        }}
      >
        {text === '' ? 'It has written nothing yet.' : text}
      </pre>
      {error !== null && <Failure error={error} />}
    </>
  );
}
