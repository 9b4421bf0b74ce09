import { Link, useLocation } from 'wouter';

/** A link to a page, marked while that page or one below it is shown; those of sandboxes are below the first. */
export function PageLink({
  to,
  children,
}: {
  readonly to: string;
  readonly children: string;
}) {
  const [path] = useLocation();
  const isHere =
    to === '/'
      ? path === '/' || path.startsWith('/sandboxes/')
      : path === to || path.startsWith(`${to}/`);
  return (
    <Link
      to={to}
      className={isHere ? 'here' : ''}
      {...(isHere && { 'aria-current': path === to ? 'page' : 'true' })}
    >
      {children}
    </Link>
  );
}
