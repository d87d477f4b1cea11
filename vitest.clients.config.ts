import { defineConfig } from 'vitest/config';

/** The clients that people have, unmodified; run by scripts/test-clients.ts in a network of their own. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'test-output/clients.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
