// A browser without scripts, for stories about forms: keeps cookies as browsers do, shows what the server sets,
// and sends forms with all their hidden fields. Redirects are not followed unless asked, so that tests see them.
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  /** Path and query of the request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Every Set-Cookie line. */
  readonly setCookies: readonly string[];
  readonly text: string;
  /** The page's main heading, as read. */
  readonly heading: string;
  /** What stands in the page's notices and beside its fields, as read. */
  readonly notices: readonly string[];
}

export interface FormBrowser {
  readonly cookies: Map<string, string>;
  get(path: string): Promise<Answer>;
  /** As `get`, and on to where redirects lead. */
  visit(path: string): Promise<Answer>;
  /** Posts these fields and nothing else. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /**
   * Fills and sends a form of the page, hidden fields included.
   * @param action which form, by where it is posted to
   */
  submit(page: Answer, action: string, fields?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface FormBrowserOptions {
  /** The address of ours from which to connect, when it should not be the usual one: `127.0.0.2`. */
  readonly localAddress?: string;
  readonly userAgent?: string;
  /** The server's certificate, in PEM. */
  readonly certificate?: string;
}

export function formBrowser(base: string, options: FormBrowserOptions = {}): FormBrowser {
  const cookies = new Map<string, string>();

  const send = async (
    method: string,
    path: string,
    body = '',
    extra: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const url = new URL(path, base);
    const headers: Record<string, string> = { 'user-agent': options.userAgent ?? 'form-browser', ...extra };
    if (cookies.size > 0) headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (method === 'POST') headers['content-type'] ??= 'application/x-www-form-urlencoded';
    const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const outgoing = request(url, {
      method,
      headers,
      agent: false,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      ...(options.certificate === undefined ? {} : { ca: options.certificate }),
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const setCookies = incoming.headers['set-cookie'] ?? [];
    for (const line of setCookies) keep(cookies, line);
    return {
      status: incoming.statusCode ?? 0,
      path: `${url.pathname}${url.search}`,
      headers: incoming.headers,
      setCookies,
      text,
      heading: readable(/<h1[^>]*>(.*?)<\/h1>/s.exec(text)?.[1] ?? ''),
      notices: [...text.matchAll(/<(div|p) class="(?:flash|field-error)[^>]*>(.*?)<\/\1>/gs)].map((match) =>
        readable(match[2] ?? ''),
      ),
    };
  };

  const get = (path: string) => send('GET', path);
  const post: FormBrowser['post'] = (path, fields, headers) =>
    send('POST', path, new URLSearchParams(fields).toString(), headers);
  return {
    cookies,
    get,
    post,
    async visit(path) {
      let answer = await get(path);
      for (let hops = 0; answer.headers.location !== undefined && hops < 5; hops++) {
        answer = await get(String(answer.headers.location));
      }
      return answer;
    },
    submit(page, action, fields = {}) {
      const form = formOf(page.text, action);
      if (form === undefined)
        throw new Error(`No form is posted to ${action} on ${page.path}: ${page.heading}`);
      const given = Object.fromEntries(
        [...form.matchAll(/<input\b[^>]*>/g)].flatMap(([input]) => {
          const name = attribute(input, 'name');
          const unticked = attribute(input, 'type') === 'checkbox' && !/\schecked\b/.test(input);
          return name === undefined || unticked ? [] : [[name, attribute(input, 'value') ?? '']];
        }),
      );
      return post(action, { ...given, ...fields });
    },
  };
}

/** Keeps a cookie as a browser would: removed when its age is 0. */
function keep(cookies: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/;\s*max-age=0\b/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

function formOf(html: string, action: string): string | undefined {
  const forms = html.match(/<form\b.*?<\/form>/gs) ?? [];
  return forms.find((form) => attribute(/<form\b[^>]*>/.exec(form)?.[0] ?? '', 'action') === action);
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return match === null ? undefined : unescaped(match[1] ?? '');
}

function readable(html: string): string {
  return unescaped(html.replace(/<svg.*?<\/svg>/gs, '').replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
