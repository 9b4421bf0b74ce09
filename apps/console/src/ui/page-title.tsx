import { useEffect, useRef } from 'react';

/** The heading of a page, which names the tab and takes the focus when the page opens. */
export function PageTitle({ children }: { readonly children: string }) {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · sandboxed`;
  }, [children]);
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={place} tabIndex={-1}>
      {children}
    </h1>
  );
}
