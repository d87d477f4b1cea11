import type { KnipConfig } from 'knip';

// Every file, export and dependency has to be used by something. Tests are a use: what only tests need is theirs.
const config: KnipConfig = {
  entry: [
    'src/main.ts',
    'scripts/*.ts',
    'bin/*.js',
    'src/**/*.test.{ts,tsx}',
    'test/**/*.test.ts',
    'vitest.clients.config.ts',
  ],
  project: ['src/**/*.{ts,tsx}', 'test/**/*.ts', 'scripts/*.ts', 'bin/*.js'],
  // Not imported: dependency-cruiser's parser, the icons' drawings, and what scripts/assets.ts reads as files.
  ignoreDependencies: ['@swc/core', '@primer/*', '@github/*'],
  // Of the system, for tests: told by test/openssh.ts and scripts/test-clients.ts where they are missing.
  ignoreBinaries: ['ssh-audit', 'unshare'],
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;
