// What a startup snapshot cannot hold is loaded when something of it is first used.
const MODULES = /^node:http$/;

/** An esbuild plugin. What is imported is an object that looks each name up in the module itself. */
export const loadedLate = {
  name: 'loaded-late',
  setup(build) {
    build.onResolve({ filter: MODULES }, ({ path, kind }) =>
      kind === 'import-statement'
        ? { path, namespace: 'loaded-late' }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'loaded-late' }, ({ path }) => ({
      // By way of the prototype: names of its own would be read as it is imported.
      contents: `module.exports = Object.create(new Proxy({}, {
        get: (_, name) => name === '__esModule' ? undefined : process.getBuiltinModule('${path}')[name],
      }));`,
      loader: 'js',
    }));
  },
};
