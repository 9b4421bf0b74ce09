import type { ReactNode } from 'react';
import { Suspense } from 'react';
import { CrashBoundary } from './crash-boundary.tsx';

/** What is loaded once it is opened. When it cannot be, what is around it stays: a text that is not saved yet, say. */
export function LoadedLater({ children }: { readonly children: ReactNode }) {
  return (
    <CrashBoundary>
      <Suspense fallback={<p aria-busy="true">Loading…</p>}>
        {children}
      </Suspense>
    </CrashBoundary>
  );
}
