// Markdown as people write it in a README, into HTML that can do no harm: a short list of tags and attributes,
// no scripts, styles or forms, nothing loaded from elsewhere. Pure; bounds on time are the caller's.
import MarkdownIt, { type StateCore, type Token } from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

/** Where the text lies, for links that are relative to it. */
export interface MarkdownPlace {
  /** `/owner/name`, percent-encoded. */
  readonly repositoryPath: string;
  /** The branch, tag or commit, as it stands in addresses: percent-encoded. */
  readonly revision: string;
  /** The directory of the file, from the root; empty for the root. */
  readonly directory: string;
}

/** Every id of the text gets this prefix, so that none can be taken for one of the page's own. */
const ID_PREFIX = 'user-content-';

/** Images that a page may show; anything else becomes a link. */
export const rasterImage = /\.(?:png|jpe?g|gif|webp|avif)$/i;

/** Markdown (GitHub's: tables, strikethrough, task lists, autolinks, some HTML) to safe HTML. */
export function renderMarkdown(source: string, place: MarkdownPlace): string {
  const markdown = new MarkdownIt({ html: true, linkify: true, maxNesting: 40 });
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  markdown.core.ruler.push('task_lists', markTaskLists);
  markdown.core.ruler.push('heading_ids', nameHeadings);
  return sanitize(markdown.render(source), place);
}

/** `- [ ] something` and `- [x] something` (GFM 5.3). */
function markTaskLists(state: StateCore): void {
  const { tokens } = state;
  for (const [index, token] of tokens.entries()) {
    const first = token.children?.[0];
    if (token.type !== 'inline' || tokens[index - 2]?.type !== 'list_item_open' || first?.type !== 'text')
      continue;
    const [mark, letter] = /^\[([ xX])\] /.exec(first.content) ?? [];
    if (mark === undefined) continue;
    first.content = first.content.slice(mark.length);
    const box = new state.Token('html_inline', '', 0);
    box.content = `<input type="checkbox"${letter === ' ' ? '' : ' checked'}> `;
    token.children?.unshift(box);
    tokens[index - 2]?.attrJoin('class', 'task-list-item');
  }
}

/** Ids by which headings can be linked to, made as GitHub makes them. */
function nameHeadings(state: StateCore): void {
  const used = new Map<string, number>();
  for (const [index, token] of state.tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const slug = slugOf(plainText(state.tokens[index + 1]));
    const before = used.get(slug);
    used.set(slug, (before ?? 0) + 1);
    if (slug !== '') token.attrSet('id', before === undefined ? slug : `${slug}-${before}`);
  }
}

function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map((child) => (child.type === 'text' || child.type === 'code_inline' ? child.content : ''))
    .join('');
}

function slugOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

const allowedTags = [
  ...[
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'p',
    'br',
    'hr',
    'blockquote',
    'pre',
    'div',
    'span',
    'details',
    'summary',
  ],
  ...['a', 'b', 'i', 'strong', 'em', 's', 'strike', 'del', 'ins', 'sub', 'sup', 'small', 'mark', 'q', 'cite'],
  ...['code', 'kbd', 'samp', 'var', 'tt', 'abbr', 'dfn', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'input', 'img'],
  ...[
    'table',
    'thead',
    'tbody',
    'tfoot',
    'tr',
    'th',
    'td',
    'caption',
    'figure',
    'figcaption',
    'ruby',
    'rt',
    'rp',
  ],
];

const aligned = ['align'];

function sanitize(html: string, place: MarkdownPlace): string {
  const ids = new Set<string>();
  let openLinks = 0;
  const withId = (attribs: sanitizeHtml.Attributes): sanitizeHtml.Attributes => {
    const id = (attribs.id ?? attribs.name ?? '').replace(/\s+/g, '-').slice(0, 200);
    const { id: _id, name: _name, ...rest } = attribs;
    if (id === '' || ids.has(id)) return rest;
    ids.add(id);
    return { ...rest, id: ID_PREFIX + id };
  };
  return sanitizeHtml(html, {
    allowedTags,
    allowedAttributes: {
      '*': ['id', 'title', 'class', 'tabindex'],
      a: ['href', 'rel'],
      img: ['src', 'alt', 'width', 'height', 'loading'],
      input: ['type', 'disabled', 'checked', 'aria-label'],
      details: ['open'],
      ol: ['start', 'reversed'],
      td: ['align', 'colspan', 'rowspan'],
      th: ['align', 'colspan', 'rowspan', 'scope'],
      p: aligned,
      div: aligned,
      ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, aligned])),
    },
    allowedClasses: {
      li: ['task-list-item'],
      input: ['task-list-item-checkbox'],
      code: [/^language-[\w+#-]+$/],
    },
    // Every address has been judged by `transformTags`; this is the second lock on the same door.
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: [] },
    allowProtocolRelative: false,
    enforceHtmlBoundary: false,
    disallowedTagsMode: 'discard',
    parseStyleAttributes: false,
    nestingLimit: 60,
    onOpenTag: (tag) => {
      if (tag === 'a') openLinks += 1;
    },
    onCloseTag: (tag) => {
      if (tag === 'a') openLinks -= 1;
    },
    transformTags: {
      '*': (tagName, { tabindex: _tabindex, class: css, ...attribs }) => ({
        tagName,
        attribs: {
          ...withId(attribs),
          ...(css === undefined ? {} : { class: css }),
          // What scrolls sideways must be within reach of the keyboard.
          ...(tagName === 'pre' || tagName === 'table' ? { tabindex: '0' } : {}),
          ...(tagName === 'td' || tagName === 'th' ? alignment(attribs) : {}),
          ...(tagName === 'a' ? linkAttributes(attribs.href, place) : {}),
        },
      }),
      input: (_, attribs) => checkbox(attribs),
      img: (_, attribs) => image(attribs, place, openLinks > 0),
    },
  });
}

/** The alignment of a table's cell, which markdown-it gives as a style. */
function alignment({ style, align }: sanitizeHtml.Attributes): { align?: string } {
  const [, side] = /^(?:text-align: ?)?(left|center|right)$/.exec(style ?? align ?? '') ?? [];
  return side === undefined ? {} : { align: side };
}

function linkAttributes(href: string | undefined, place: MarkdownPlace): sanitizeHtml.Attributes {
  const address = addressOf(href ?? '', place, 'blob');
  if (address === null) return { href: '' };
  return address.elsewhere
    ? { href: address.href, rel: 'nofollow noopener noreferrer' }
    : { href: address.href };
}

/** An image of this repository stays; one from elsewhere becomes a link, and inside of a link its mere text. */
function image(attribs: sanitizeHtml.Attributes, place: MarkdownPlace, inLink: boolean): sanitizeHtml.Tag {
  const { src = '', alt = '', title, width, height } = attribs;
  const raw = addressOf(src, place, 'raw');
  if (raw !== null && !raw.elsewhere && rasterImage.test(raw.path)) {
    return {
      tagName: 'img',
      attribs: {
        src: raw.href,
        alt,
        loading: 'lazy',
        ...(title === undefined ? {} : { title }),
        ...(/^\d{1,4}%?$/.test(width ?? '') ? { width: width ?? '' } : {}),
        ...(/^\d{1,4}%?$/.test(height ?? '') ? { height: height ?? '' } : {}),
      },
    };
  }
  const text = alt.trim() === '' ? 'Image' : alt;
  if (raw === null || inLink) return { tagName: 'span', attribs: {}, text };
  // The address is judged with those of all other links, after this.
  return { tagName: 'a', attribs: { href: src }, text };
}

/** The box of a task; other fields of forms come out as nothing. */
function checkbox({ type, checked }: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  if (type !== 'checkbox') return { tagName: 'span', attribs: {} };
  return {
    tagName: 'input',
    attribs: {
      type,
      class: 'task-list-item-checkbox',
      disabled: '',
      'aria-label': checked === undefined ? 'Incomplete task' : 'Completed task',
      ...(checked === undefined ? {} : { checked: '' }),
    },
  };
}

interface Address {
  readonly href: string;
  readonly elsewhere: boolean;
  /** The path inside the repository; empty for addresses elsewhere. */
  readonly path: string;
}

/** The address that a link or image leads to; null for one that must not be followed (`javascript:`, `data:`). */
function addressOf(text: string, place: MarkdownPlace, route: 'blob' | 'raw'): Address | null {
  // Browsers ignore these in addresses; `java\nscript:` is a scheme to them.
  const clean = text.replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  if (clean === '') return null;
  if (clean.startsWith('#')) return { href: `#${fragment(clean.slice(1))}`, elsewhere: false, path: '' };
  if (/^(?:https?:)?[/\\]{2}/i.test(clean)) {
    const url = URL.parse(clean, 'https://elsewhere.invalid');
    return url === null ? null : { href: url.href, elsewhere: true, path: '' };
  }
  if (/^mailto:/i.test(clean)) return { href: clean, elsewhere: true, path: '' };
  if (/^[^/?#]*:/.test(clean)) return null;
  const [, pathPart = '', hash = ''] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/su.exec(clean) ?? [];
  const path = resolvePath(decode(pathPart.replaceAll('\\', '/')), place.directory);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const end = hash === '' ? '' : `#${fragment(hash)}`;
  const page = path === '' ? 'tree' : route;
  return {
    href: `${place.repositoryPath}/${page}/${place.revision}${path === '' ? '' : `/${encoded}`}${end}`,
    elsewhere: false,
    path,
  };
}

/** Links to a heading of a text must carry the prefix of the text's ids; links to lines of a file must not. */
function fragment(hash: string): string {
  const id = decode(hash);
  if (/^L\d+(?:-L\d+)?$/.test(id) || id.startsWith(ID_PREFIX)) return encodeURIComponent(id);
  return ID_PREFIX + encodeURIComponent(id);
}

function resolvePath(path: string, directory: string): string {
  const parts = path.startsWith('/') ? [] : directory.split('/');
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.filter((part) => part !== '').join('/');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text).replaceAll('\0', '');
  } catch (error) {
    // A stray percent sign stands for itself.
    if (error instanceof URIError) return text;
    throw error;
  }
}
