// Style sheets and scripts: built into dist/assets by scripts/assets.ts under names that hold a digest of their
// content, so that browsers may keep them for ever. Read once at start and served from memory.
import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly brotli: Buffer;
}

export interface Assets {
  /** Where the asset of this plain name (`latchkey.css`) is served. */
  href(name: string): string;
  /** By the name that holds the digest. */
  find(file: string): Asset | undefined;
}

/** Where the build puts them: seen from `src/web` as from `dist/web`, beside each other in the package. */
const builtAssets = new URL('../../dist/assets/', import.meta.url);

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** @throws when they were not built */
export function loadAssets(directory: URL = builtAssets): Assets {
  let manifest: Readonly<Record<string, string>>;
  try {
    manifest = JSON.parse(readFileSync(new URL('manifest.json', directory), 'utf8'));
  } catch (cause) {
    throw new Error('The style sheets and scripts of the pages are missing: run `npm run build`.', { cause });
  }
  const files = new Map<string, Asset>();
  for (const file of Object.values(manifest)) {
    files.set(file, {
      type: types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      plain: readFileSync(new URL(file, directory)),
      brotli: readFileSync(new URL(`${file}.br`, directory)),
    });
  }
  return {
    href(name) {
      const file = manifest[name];
      if (file === undefined) throw new Error(`There is no asset ${name}`);
      return `/assets/${file}`;
    },
    find: (file) => files.get(file),
  };
}

export function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const brotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (brotli) reply.header('content-encoding', 'br');
  return reply
    .header('content-type', asset.type)
    .header('cache-control', 'public, max-age=31536000, immutable')
    .header('x-content-type-options', 'nosniff')
    .header('vary', 'Accept-Encoding')
    .send(brotli ? asset.brotli : asset.plain);
}
