import { useMay } from './use-caller.ts';
import './only-looks.css';

/** Says on every page that this key changes nothing, before something is filled in that is refused then. */
export function OnlyLooks() {
  if (useMay('write') !== false) return null;
  return (
    <p className="only-looks">
      This key may only look: what would change something is refused.
    </p>
  );
}
