import { defineConfig } from 'vitest/config';

/** The long run (`npm run test:long`) does the same at full size. */
const isLong = process.env.LATCHKEY_LONG === '1';
const scenarioTimeoutMs = isLong ? 30 * 60_000 : 120_000;

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Test files share processes, as nothing of what they test is global: each saves nearly a second of loading.
    isolate: false,
    // The count that CI reads comes from the JSON report.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: 'test-output/results.json' }]]
      : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'test/*.test.ts', 'test/permissions/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Stories told with the real, built server, git and browser.
        extends: true,
        test: {
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          globalSetup: ['test/scenarios/build.ts'],
          testTimeout: scenarioTimeoutMs,
          hookTimeout: scenarioTimeoutMs,
        },
      },
    ],
  },
});
