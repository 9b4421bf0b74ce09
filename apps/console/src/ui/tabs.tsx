import type { KeyboardEvent, ReactNode } from 'react';
import { useId } from 'react';
import './tabs.css';

/** One of several panes in the same place. */
export interface Tab {
  readonly name: string;
  readonly content: ReactNode;
  /** Stays in the page while another one is shown, as what it holds would be lost. */
  readonly stays?: boolean;
}

/** Panes of which one is seen; arrow keys go from one to the next. */
export function Tabs({
  label,
  tabs,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}) {
  const id = useId();
  const at = Math.max(
    tabs.findIndex(({ name }) => name === chosen),
    0,
  );
  const go = (event: KeyboardEvent<HTMLElement>) => {
    const to = targetOf(event.key, at, tabs.length);
    const name = to === undefined ? undefined : tabs[to]?.name;
    if (name === undefined) return;
    event.preventDefault();
    onChoose(name);
    document.getElementById(`${id}-${name}`)?.focus();
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label={label} onKeyDown={go}>
        {tabs.map(({ name }, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={index === at}
            aria-controls={`${id}-${name}-pane`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => {
              onChoose(name);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {tabs.map(({ name, content, stays = false }, index) => (
        <div
          key={name}
          role="tabpanel"
          id={`${id}-${name}-pane`}
          aria-labelledby={`${id}-${name}`}
          hidden={index !== at}
        >
          {(index === at || stays) && content}
        </div>
      ))}
    </div>
  );
}

/** Which tab a key goes to; undefined for a key that means nothing here. */
function targetOf(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
