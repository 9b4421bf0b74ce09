import type { ReactNode } from 'react';
import {
  Group,
  Panel,
  Separator,
  useDefaultLayout,
} from 'react-resizable-panels';

/**
 * One pane, or two beside each other with a handle between them: by pointer, or by arrow keys, Home and End once it has the focus. How
 * they were divided stays with the browser. The first one is the same whether or not there is a second, and keeps what it holds.
 */
export function Panes({
  first,
  second,
}: {
  readonly first: ReactNode;
  readonly second: ReactNode | undefined;
}) {
  const isDivided = second !== undefined;
  const layout = useDefaultLayout({
    id: 'sandboxed.workspace',
    panelIds: isDivided ? ['first', 'second'] : ['first'],
    onlySaveAfterUserInteractions: true,
  });
  return (
    <Group
      className="panes"
      data-divided={isDivided}
      defaultLayout={layout.defaultLayout}
      onLayoutChanged={layout.onLayoutChanged}
    >
      <Panel id="first" className="pane" minSize="22rem">
        {first}
      </Panel>
      {isDivided && (
        <>
          <Separator className="divider" aria-label="Width of the preview" />
          <Panel id="second" className="pane" minSize="18rem">
            {second}
          </Panel>
        </>
      )}
    </Group>
  );
}
