import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** What the api serves: `index.html` at `/`, everything else at `/console/<file>`, named after what is in it. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    assetsDir: '',
    license: { fileName: 'licences.md' },
    // The page's policy lets nothing be loaded from `data:` but pictures.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/openapi.json', '/docs'].map((path) => [
        path,
        { target: 'http://127.0.0.1:9090', changeOrigin: false, ws: true },
      ]),
    ),
  },
});
