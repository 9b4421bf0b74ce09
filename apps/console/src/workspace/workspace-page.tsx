import { lazy, useState } from 'react';
import { Failure } from '../ui/failure.tsx';
import { LoadedLater } from '../ui/loaded-later.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useWide } from '../ui/use-wide.ts';
import { FilesPane } from './files/files-pane.tsx';
import { Panes } from './panes.tsx';
import { PreviewPane } from './preview/preview-pane.tsx';
import { ServicesPane } from './services/services-pane.tsx';
import { TasksPane } from './tasks/tasks-pane.tsx';
import { useSandbox, WorkspaceContext } from './use-workspace.ts';
import { WorkspaceHeader } from './workspace-header.tsx';
import './workspace.css';

/** Large, and loaded by who opens a terminal. */
const TerminalPane = lazy(async () => {
  const { TerminalPane: pane } = await import('./terminal/terminal-pane.tsx');
  return { default: pane };
});

/** One sandbox: its agent, files, terminal and services, and what it serves beside them. */
export function WorkspacePage({ id }: { readonly id: string }) {
  const { sbx, details, error, again } = useSandbox(id);
  const [chosen, setChosen] = useState('Agent');
  const isWide = useWide();
  if (sbx === undefined || details === undefined)
    return (
      <>
        <PageTitle>Sandbox</PageTitle>
        {error === null ? (
          <p aria-busy="true">Loading…</p>
        ) : (
          <Failure error={error} onAgain={again} />
        )}
      </>
    );
  const preview = <PreviewPane />;
  return (
    <WorkspaceContext value={{ sbx, details }}>
      <WorkspaceHeader />
      {error !== null && <Failure error={error} onAgain={again} />}
      <Panes
        first={
          <Tabs
            label="Parts of the sandbox"
            chosen={chosen}
            onChoose={setChosen}
            tabs={[
              { name: 'Agent', content: <TasksPane /> },
              { name: 'Files', content: <FilesPane />, stays: true },
              {
                name: 'Terminal',
                content: (
                  <LoadedLater>
                    <TerminalPane />
                  </LoadedLater>
                ),
              },
              { name: 'Services', content: <ServicesPane /> },
              ...(isWide ? [] : [{ name: 'Preview', content: preview }]),
            ]}
          />
        }
        second={isWide ? preview : undefined}
      />
    </WorkspaceContext>
  );
}
