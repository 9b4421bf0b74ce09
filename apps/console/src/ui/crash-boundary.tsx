import type { ReactNode } from 'react';
import { Component } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** In place of a page that broke: what to do next. After an upgrade its parts have other names, which a reload learns. */
export class CrashBoundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div className="failure" role="alert">
        <p>
          This page broke. The installation may have a new version: reload the
          console.
        </p>
        <button
          type="button"
          onClick={() => {
            location.reload();
          }}
        >
          Reload
        </button>
      </div>
    );
  }
}
