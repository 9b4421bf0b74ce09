import { useSyncExternalStore } from 'react';

const WIDE = '(min-width: 68rem)';

/** Whether there is room for two panes beside each other. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(WIDE).matches);
}

function subscribe(changed: () => void): () => void {
  const media = matchMedia(WIDE);
  media.addEventListener('change', changed);
  return () => {
    media.removeEventListener('change', changed);
  };
}
