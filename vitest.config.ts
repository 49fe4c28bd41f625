import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests import the sources of the other packages, so no build is needed.
  ssr: { resolve: { conditions: ['@cc-executor/source', 'module', 'node', 'development|production'] } },
  // Keeps `using` native: the default target rewrites it.
  oxc: { target: 'esnext' },
  test: {
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'] },
    // Two cores: more workers only starve the real processes that the tests start.
    maxWorkers: 2,
    // A poll waits for an event; on a crowded machine the default second is too short.
    expect: { poll: { timeout: 20_000, interval: 50 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['packages/system-tests/**'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['packages/system-tests/src/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
