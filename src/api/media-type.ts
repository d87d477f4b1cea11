// What the Accept header asks for. An unknown type still gets JSON (ghes-spec 5.5).

/** `json` unless a variant was asked for that the operation may know. */
export type Variant =
  | 'json'
  | 'raw'
  | 'html'
  | 'text'
  | 'full'
  | 'object'
  | 'diff'
  | 'patch'
  | 'sha'
  | 'base64';

export interface MediaType {
  readonly variant: Variant;
  /** Value of X-GitHub-Media-Type (ghes-spec 5.3). */
  readonly name: string;
}

const MAX_ACCEPT_LENGTH = 1000;

const vendor =
  /^application\/vnd\.github(?:\.v3|\.[a-z][a-z-]*-preview)?(?:\.(raw|html|text|full|object|diff|patch|sha|base64))?(\+json)?$/;

const plain: MediaType = { variant: 'json', name: 'github.v3; format=json' };
const unknown: MediaType = { variant: 'json', name: 'unknown, github.v3' };

/** Reads an Accept header; the first type that is ours decides. */
export function mediaType(accept: string | undefined): MediaType {
  if (accept === undefined || accept.length > MAX_ACCEPT_LENGTH) return plain;
  let result: MediaType | undefined;
  for (const range of accept.toLowerCase().split(',')) {
    const type = (range.split(';')[0] ?? '').trim();
    const found = vendor.exec(type);
    if (found !== null) return vendorType(found[1] as Variant | undefined, found[2] !== undefined);
    if (type === '*/*' || type === 'application/*' || type === 'application/json') result ??= plain;
  }
  return result ?? unknown;
}

function vendorType(variant: Variant | undefined, json: boolean): MediaType {
  if (variant === undefined) return plain;
  const format = json || variant === 'full' ? '; format=json' : '';
  return { variant, name: `github.v3; param=${variant}${format}` };
}
