// Builds dist/: the program, and the files that pages ask for. Runs in about a second.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { buildAssets } from './assets.ts';
import { bundle } from './bundle.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
await build(bundle);
buildAssets();
