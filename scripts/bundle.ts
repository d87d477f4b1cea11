// How src/ and the packages that it uses become a few files: a command that loads hundreds takes three times as long
// to start (docs/decisions/0022-bundle.md). dist/main.js is the program; all else lies one folder deeper, as deep as in
// src/, so that addresses relative to a file (`import.meta.url`) lead to the same places from both.
import type { BuildOptions } from 'rolldown';

export const bundle = {
  input: {
    main: 'src/main.ts',
    // Processes of their own, started by the name of their file.
    'app/markdown-worker': 'src/contents/markdown-worker.ts',
    'app/openpgp-worker': 'src/signing/openpgp-worker.ts',
  },
  platform: 'node',
  // ssh2 looks for files beside its own.
  external: ['ssh2'],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'app/[name].js',
  },
} satisfies BuildOptions;
