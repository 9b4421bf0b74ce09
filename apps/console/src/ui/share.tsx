import './share.css';

/** How much of a whole is taken, in words and as a bar; `isHigh` colours it. */
export function Share({
  name,
  told,
  part,
  isHigh = false,
}: {
  readonly name: string;
  readonly told: string;
  /** Of the whole, 0 to 1; undefined where there is no limit. */
  readonly part: number | undefined;
  readonly isHigh?: boolean;
}) {
  return (
    <div className="share" data-high={isHigh}>
      <span>{name}</span>
      <span className="told">{told}</span>
      {part !== undefined && (
        <span className="of" aria-hidden="true">
          <span style={{ width: `${Math.min(Math.max(part, 0), 1) * 100}%` }} />
        </span>
      )}
    </div>
  );
}
