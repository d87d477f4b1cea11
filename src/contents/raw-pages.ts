// Files as they are. What people push must never act as a page of this site: it goes out as plain text, as one of
// a few kinds of image, or as a download, in a sandbox, and browsers are told not to guess.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { findFromPath } from '../repositories/finding.ts';
import { looksBinary, readBlob } from './blobs.ts';
import { openLargeBlob } from './large-blobs.ts';
import { findInPath } from './path-finding.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });

/** Files up to this size are sent from memory; larger ones as a stream. */
const MAX_BYTES_AT_ONCE = 512 * 1024;

export function rawPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/:owner/:repo/raw/*',
    action: 'contents.read',
    schema: { params: Params },
    target: findFromPath(ctx),
    async handler(call) {
      const { repository } = call.target;
      const found = await findInPath(ctx, repository, call.params['*']);
      const entry = found?.entry;
      if (entry?.type !== 'file' && entry?.type !== 'symlink') return call.refuse({ because: 'invisible' });
      const blob = await readBlob(ctx, repository, entry.sha, MAX_BYTES_AT_ONCE);
      if (blob === null) return call.refuse({ because: 'invisible' });

      const etag = `"${blob.sha}"`;
      const isKnown = call.request.headers['if-none-match'] === etag;
      // Before any header is set: they are not for the answer that there is no place.
      const body = isKnown || !blob.truncated ? blob.bytes : await openLargeBlob(ctx, call, blob.sha);
      const reply = call.reply
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .header('x-frame-options', 'DENY')
        .header('cross-origin-resource-policy', 'same-origin')
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'private, no-cache')
        .header('vary', 'Cookie')
        .header('etag', etag);
      if (isKnown) return reply.code(304).send();
      const type = contentType(blob.bytes);
      if (type === 'application/octet-stream') reply.header('content-disposition', attachment(entry.name));
      return reply.header('content-type', type).header('content-length', blob.size).send(body);
    },
  });
}

/** Told by the first bytes, never by the name. SVG is not among the images: it can hold scripts. */
const images: readonly (readonly [type: string, form: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n.\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
  ['image/avif', /^[\s\S]{4}ftypavi[fs]/],
];

function contentType(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, 16);
  const image = images.find(([, form]) => form.test(head));
  if (image !== undefined) return image[0];
  return looksBinary(bytes) ? 'application/octet-stream' : 'text/plain; charset=utf-8';
}

/** RFC 6266, with RFC 8187's form for names beyond ASCII. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\w.\- ]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
