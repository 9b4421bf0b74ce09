import type { ReactNode } from 'react';
import { useId } from 'react';

/** What ties a control to its label, hint and problem. */
interface Tied {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

/** A control with its label, a hint, and what is wrong with it. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly problem?: string | undefined;
  readonly children: (tied: Tied) => ReactNode;
}) {
  const id = useId();
  const told = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': told === undefined ? undefined : `${id}-told`,
        'aria-invalid': problem !== undefined,
      })}
      {told !== undefined && (
        <p
          id={`${id}-told`}
          className={problem === undefined ? 'faint' : 'problem'}
        >
          {told}
        </p>
      )}
    </div>
  );
}
