import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { mayHelpAgain } from './session/refused.ts';
import { SessionGate } from './session/session-gate.tsx';
import './ui/theme.css';
import './ui/layout.css';

const queries = new QueryClient({
  // The client of the API tries again by itself what passes.
  defaultOptions: {
    queries: { retry: false, refetchOnWindowFocus: mayHelpAgain },
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
