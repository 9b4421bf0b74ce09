import { sparkline, topOf } from './sparkline.ts';
import './trend.css';

const SIZE = { width: 96, height: 24 };

/** A figure in words, with its last minutes as a line. */
export function Trend({
  name,
  told,
  values,
  limit,
}: {
  readonly name: string;
  readonly told: string;
  readonly values: readonly number[];
  readonly limit: number;
}) {
  return (
    <div className="trend">
      <span className="faint">{name}</span> <span>{told}</span>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
      >
        <polyline points={sparkline(values, topOf(values, limit), SIZE)} />
      </svg>
    </div>
  );
}
