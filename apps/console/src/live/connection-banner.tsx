import { usePulse } from './use-pulse.ts';
import './connection-banner.css';

/** Says so while the API does not answer; what is shown meanwhile is what was known last. */
export function ConnectionBanner() {
  const isThere = usePulse();
  return (
    <div role="status" className={isThere ? 'unseen' : 'away'}>
      {!isThere &&
        'The connection is away: what you see may be old. Reconnecting…'}
    </div>
  );
}
