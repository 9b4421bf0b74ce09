import { useId, useState } from 'react';

/** Asks for a token. */
export function SignIn({
  wasRefused,
  onToken,
}: {
  readonly wasRefused: boolean;
  readonly onToken: (token: string) => void;
}) {
  const id = useId();
  const [token, setToken] = useState('');
  return (
    <main className="alone">
      <form
        className="card sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') onToken(token.trim());
        }}
      >
        <h1>sandboxed</h1>
        <p>This installation asks for a token.</p>
        <label htmlFor={id}>Token or API key</label>
        <input
          id={id}
          type="password"
          autoComplete="current-password"
          autoFocus
          value={token}
          onChange={(event) => {
            setToken(event.target.value);
          }}
          aria-invalid={wasRefused}
          aria-describedby={`${id}-hint`}
        />
        <p
          id={`${id}-hint`}
          role={wasRefused ? 'alert' : undefined}
          className={wasRefused ? 'problem' : 'faint'}
        >
          {wasRefused
            ? 'That token is not known here, or is over.'
            : 'It stays in this tab and is forgotten with it.'}
        </p>
        <button className="primary" type="submit">
          Sign in
        </button>
      </form>
    </main>
  );
}
