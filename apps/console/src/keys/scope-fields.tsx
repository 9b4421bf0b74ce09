import { useId } from 'react';
import type { Scope } from './scopes.ts';
import { includerOf, SCOPES } from './scopes.ts';

/** What a key may do: one or more of the API's scopes. Those that a chosen one includes are ticked with it. */
export function ScopeFields({
  chosen,
  problem,
  onChange,
}: {
  readonly chosen: readonly Scope[];
  readonly problem: string | undefined;
  readonly onChange: (chosen: readonly Scope[]) => void;
}) {
  const id = useId();
  return (
    <fieldset aria-describedby={problem === undefined ? undefined : id}>
      <legend>It may</legend>
      {SCOPES.map(({ scope, tells }) => {
        const includer = includerOf(scope, chosen);
        return (
          <label key={scope} className="choice">
            <input
              type="checkbox"
              checked={includer !== undefined || chosen.includes(scope)}
              disabled={includer !== undefined}
              onChange={({ target }) => {
                const others = chosen.filter((one) => one !== scope);
                onChange(target.checked ? [...others, scope] : others);
              }}
            />{' '}
            <code>{scope}</code>: {tells}
            {includer !== undefined && (
              <span className="faint"> (comes with {includer})</span>
            )}
          </label>
        );
      })}
      {problem !== undefined && (
        <p id={id} role="alert" className="problem">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
