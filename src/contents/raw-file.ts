// Files as they are. What people push must never act as a page of this site: it goes out as plain text, as one of
// a few kinds of image, or as a download, in a sandbox, and browsers are told not to guess.
import type { Call, RouteSchema } from '../access/guard.ts';
import type { Context } from '../context.ts';
import type { RepositoryFound } from '../repositories/repositories.ts';
import { looksBinary, readBlob } from './blobs.ts';
import { openLargeBlob } from './large-blobs.ts';
import { findInPath } from './path-finding.ts';

/** Files up to this size are sent from memory; larger ones as a stream. */
const MAX_BYTES_AT_ONCE = 512 * 1024;

/** Of every answer that holds what people pushed. */
export const untrusted = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
} as const;

type FileCall = Pick<Call<RepositoryFound, RouteSchema>, 'actor' | 'request' | 'reply' | 'target' | 'refuse'>;

/**
 * Answers with a file.
 * @param path branch and path in one, as typed: `feature/x/src/a.ts`
 * @param vary by which header of the request the answer differs
 */
export async function answerRawFile(
  ctx: Context,
  call: FileCall,
  path: string,
  vary: 'Cookie' | 'Authorization',
): Promise<unknown> {
  const { repository } = call.target;
  const found = await findInPath(ctx, repository, path);
  const entry = found?.entry;
  if (entry?.type !== 'file' && entry?.type !== 'symlink') return call.refuse({ because: 'invisible' });
  const blob = await readBlob(ctx, repository, entry.sha, MAX_BYTES_AT_ONCE);
  if (blob === null) return call.refuse({ because: 'invisible' });

  const etag = `"${blob.sha}"`;
  const isKnown = call.request.headers['if-none-match'] === etag;
  // Before any header is set: they are not for the answer that there is no place.
  const body = isKnown || !blob.truncated ? blob.bytes : await openLargeBlob(ctx, call, blob.sha);
  const reply = call.reply.headers({
    ...untrusted,
    // Pages of other sites can't send the header with the token, and are told by the answer that they may read it.
    'cross-origin-resource-policy': vary === 'Cookie' ? 'same-origin' : 'cross-origin',
    'cache-control': 'private, no-cache',
    vary,
    etag,
  });
  if (isKnown) return reply.code(304).send();
  const type = contentType(blob.bytes);
  if (type === 'application/octet-stream') reply.header('content-disposition', attachment(entry.name));
  return reply.header('content-type', type).header('content-length', blob.size).send(body);
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

/** The name under which it is saved: RFC 6266, with RFC 8187's form for names beyond ASCII. */
export function attachment(name: string): string {
  const ascii = name.replace(/[^\w.\- ]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
