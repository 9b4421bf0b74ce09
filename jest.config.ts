import { readdirSync } from 'node:fs';
import type { Config } from 'jest';

/** One unit project (`src`) and one integration project (`test`) a room; the e2e suite is a project of its own. */
const rooms = ['apps', 'libs'].flatMap((parent) =>
  readdirSync(parent).map((name) => ({ name, folder: `${parent}/${name}` })),
);

const project = (displayName: string, folder: string, match: string) => ({
  displayName,
  rootDir: `<rootDir>/${folder}`,
  testMatch: [`<rootDir>/${match}`],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } },
    ] satisfies [string, Record<string, unknown>],
  },
});

const config: Config = {
  projects: [
    ...rooms.flatMap(({ name, folder }) => [
      project(name, folder, 'src/**/*.test.ts'),
      project(`${name}:integration`, folder, 'test/**/*.test.ts'),
    ]),
    project('bench', 'bench', 'src/**/*.test.ts'),
    project('e2e', 'e2e', 'test/**/*.test.ts'),
    // Apart, since it restarts the Docker Engine: only where that is the tests' own.
    project('engine-restart', 'e2e', 'engine/**/*.test.ts'),
  ],
  testTimeout: 30_000,
  // Of a file's tests that may go side by side: more would make each other late on a host with two processors.
  maxConcurrency: 4,
};

export default config;
