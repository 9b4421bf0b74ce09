// What is loaded when it is needed: a dynamic import of a module that is an entry of its own stays one, of the file that it becomes. Inlined, its
// source would be in the memory of each process that never uses it.
import { basename } from 'node:path';

/** An esbuild plugin, for the names of all entries. */
export const lazy = (entries) => ({
  name: 'lazy',
  setup(build) {
    build.onResolve({ filter: /\.ts$/ }, ({ path, kind }) => {
      const name = basename(path, '.ts');
      return kind === 'dynamic-import' && entries.includes(name)
        ? { path: `./${name}.mjs`, external: true }
        : undefined;
    });
  },
});
