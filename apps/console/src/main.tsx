import {
  QueryCache,
  QueryClient,
  QueryClientProvider,
} from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { isRefused, mayHelpAgain } from './session/refused.ts';
import { SESSION, SessionGate } from './session/session-gate.tsx';
import './ui/theme.css';
import './ui/layout.css';
import './ui/controls.css';

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error, { queryKey: [first] }) {
      // A token that is over meanwhile: the gate asks for another one.
      if (isRefused(error) && first !== SESSION)
        void queries.invalidateQueries({ queryKey: [SESSION] });
    },
  }),
  defaultOptions: {
    queries: {
      // The client of the API tries again by itself what passes.
      retry: false,
      refetchOnWindowFocus: mayHelpAgain,
      // The installation may be on this very host: a browser that is offline says nothing of it.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const place = document.getElementById('console');
if (place === null) throw new Error('The page has no place for the console.');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionGate storage={sessionStorage} baseUrl={location.origin}>
        <App />
      </SessionGate>
    </QueryClientProvider>
  </StrictMode>,
);
