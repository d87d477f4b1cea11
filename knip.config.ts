import type { KnipConfig } from 'knip';

// Every file, export and dependency has to be used by something. Tests are a use: what only tests need is theirs.
const config: KnipConfig = {
  entry: ['src/main.ts', 'scripts/*.ts', 'bin/*.js', 'src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
  project: ['src/**/*.{ts,tsx}', 'test/**/*.ts', 'scripts/*.ts', 'bench/**/*.ts', 'bin/*.js'],
  // dependency-cruiser finds its parser by itself.
  ignoreDependencies: ['@swc/core'],
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;
