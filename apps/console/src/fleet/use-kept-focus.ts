import { useEffect, useRef } from 'react';

/** When what had the focus goes with its list item, the heading of the page takes it: else a keyboard begins at the top again. */
export function useKeptFocus(count: number): void {
  const before = useRef(count);
  useEffect(() => {
    const isLess = count < before.current;
    before.current = count;
    if (isLess && document.activeElement === document.body)
      document.querySelector('h1')?.focus({ preventScroll: true });
  }, [count]);
}
