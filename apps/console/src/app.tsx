import { Link, Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { FleetPage } from './fleet/fleet-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { useSession } from './session/session.ts';
import { SystemPage } from './system/system-page.tsx';
import { WorkspacePage } from './workspace/workspace-page.tsx';

const PAGES = [
  { to: '/', name: 'Sandboxes' },
  { to: '/jobs', name: 'Jobs' },
  { to: '/system', name: 'System' },
];

/** The whole console. Its pages are named behind `#`, so that one file serves them all. */
export function App() {
  const { hasToken, signOut } = useSession();
  return (
    <Router hook={useHashLocation}>
      <a className="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <header className="top">
        <strong>sandboxed</strong>
        <nav aria-label="Pages">
          {PAGES.map(({ to, name }) => (
            <Link key={to} to={to} className={(is) => (is ? 'here' : '')}>
              {name}
            </Link>
          ))}
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
      <main id="main" tabIndex={-1}>
        <Switch>
          <Route path="/" component={FleetPage} />
          <Route path="/sandboxes/:id">
            {({ id }) => <WorkspacePage key={id} id={id} />}
          </Route>
          <Route path="/jobs" component={JobsPage} />
          <Route path="/system" component={SystemPage} />
          <Route>
            <h1>There is no such page</h1>
          </Route>
        </Switch>
      </main>
    </Router>
  );
}

/** What is behind `#` is a page, so the jump is made by hand. */
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
