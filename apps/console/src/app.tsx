import { lazy } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { FleetPage } from './fleet/fleet-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { useSession } from './session/session.ts';
import { OnlyLooks } from './session/only-looks.tsx';
import { useMay } from './session/use-caller.ts';
import { SystemPage } from './system/system-page.tsx';
import { ConnectionBanner } from './live/connection-banner.tsx';
import { LoadedLater } from './ui/loaded-later.tsx';
import { JobPage } from './jobs/job-page.tsx';
import { useFeed } from './live/use-feed.ts';
import { PageLink } from './ui/page-link.tsx';
import { PageTitle } from './ui/page-title.tsx';

/** Only who opens a sandbox loads its page. */
const WorkspacePage = lazy(async () => {
  const { WorkspacePage: page } =
    await import('./workspace/workspace-page.tsx');
  return { default: page };
});

const KeysPage = lazy(async () => {
  const { KeysPage: page } = await import('./keys/keys-page.tsx');
  return { default: page };
});
const WebhooksPage = lazy(async () => {
  const { WebhooksPage: page } = await import('./webhooks/webhooks-page.tsx');
  return { default: page };
});
const WebhookPage = lazy(async () => {
  const { WebhookPage: page } = await import('./webhooks/webhook-page.tsx');
  return { default: page };
});

const PAGES = [
  { to: '/', name: 'Sandboxes' },
  { to: '/jobs', name: 'Jobs' },
  { to: '/webhooks', name: 'Webhooks' },
  { to: '/system', name: 'System' },
];

/** The whole console. Its pages are named behind `#`, so that one file serves them all. */
export function App() {
  const { hasToken, signOut } = useSession();
  const mayAll = useMay('admin') === true;
  useFeed();
  return (
    <Router hook={useHashLocation}>
      <a className="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <header className="top">
        <strong>sandboxed</strong>
        <nav aria-label="Pages">
          {PAGES.map(({ to, name }) => (
            <PageLink key={to} to={to}>
              {name}
            </PageLink>
          ))}
          {mayAll && <PageLink to="/keys">Keys</PageLink>}
        </nav>
        <a href="/docs" className="end">
          API
        </a>
        {hasToken && (
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <OnlyLooks />
        <LoadedLater>
          <Switch>
            <Route path="/" component={FleetPage} />
            <Route path="/sandboxes/:id">
              {({ id }) => <WorkspacePage key={id} id={id} />}
            </Route>
            <Route path="/jobs" component={JobsPage} />
            <Route path="/jobs/:id">
              {({ id }) => <JobPage key={id} id={id} />}
            </Route>
            <Route path="/webhooks" component={WebhooksPage} />
            <Route path="/webhooks/:id">
              {({ id }) => <WebhookPage key={id} id={id} />}
            </Route>
            <Route path="/keys" component={KeysPage} />
            <Route path="/system" component={SystemPage} />
            <Route>
              <PageTitle>There is no such page</PageTitle>
              <p>
                <PageLink to="/">All sandboxes</PageLink>
              </p>
            </Route>
          </Switch>
        </LoadedLater>
      </main>
    </Router>
  );
}

/** What is behind `#` is a page, so the jump is made by hand. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
