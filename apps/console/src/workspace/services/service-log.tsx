import { useLayoutEffect, useRef } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { useServiceLog } from './use-service-log.ts';

/** The last lines of a service, and what it goes on to write. */
export function ServiceLog({ name }: { readonly name: string }) {
  const { text, error } = useServiceLog(name);
  const place = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (place.current !== null)
      place.current.scrollTop = place.current.scrollHeight;
  }, [text]);
  return (
    <>
      <pre
        ref={place}
        className="output service-log"
        tabIndex={0}
        role="log"
        aria-label={`Log of ${name}`}
      >
        {text === '' ? 'It has written nothing yet.' : text}
      </pre>
      {error !== null && <Failure error={error} />}
    </>
  );
}
