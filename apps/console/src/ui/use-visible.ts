import { useSyncExternalStore } from 'react';

/** Whether somebody can see the tab. */
export function useVisible(): boolean {
  return useSyncExternalStore(listen, isVisible);
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}

function listen(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => {
    document.removeEventListener('visibilitychange', onChange);
  };
}
