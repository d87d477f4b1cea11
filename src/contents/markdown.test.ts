import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { createMarkdownRenderer } from './readme.ts';

const place = { repositoryPath: '/ann/demo', revision: 'main', directory: 'docs' };
const now = () => 0;
const render = (source: string) => renderMarkdown(source, place).trim();

describe('a README', () => {
  it('is rendered as on GitHub: headings, tables, strikethrough, tasks, code, plain addresses', () => {
    expect(render('# Hello *World*\n\n# Hello World')).toBe(
      '<h1 id="user-content-hello-world">Hello <em>World</em></h1>\n' +
        '<h1 id="user-content-hello-world-1">Hello World</h1>',
    );
    expect(render('~~no~~ <kbd>Ctrl</kbd>')).toBe('<p><s>no</s> <kbd>Ctrl</kbd></p>');
    expect(render('| a |\n|--:|\n| 1 |')).toContain('<th align="right">a</th>');
    expect(render('- [x] done\n- [ ] open')).toMatch(
      /<input [^>]*disabled [^>]*checked[^>]*\/> done<\/li>\n.*aria-label="Incomplete task"[^>]*\/> open/,
    );
    expect(render('```ts\na<b\n```')).toBe(
      '<pre tabindex="0"><code class="language-ts">a&lt;b\n</code></pre>',
    );
    expect(render('See https://example.com/a_b_c.')).toContain('<a href="https://example.com/a_b_c"');
    expect(render('<details><summary>More</summary>\n\n**text**\n\n</details>')).toContain(
      '<summary>More</summary>',
    );
  });

  it('leads to the files of its own repository', () => {
    const to = (href: string) => /href="([^"]*)"/.exec(render(`[x](${href})`))?.[1];
    expect(to('install.md')).toBe('/ann/demo/blob/main/docs/install.md');
    expect(to('../src/a.ts#L3')).toBe('/ann/demo/blob/main/src/a.ts#L3');
    expect(to('/LICENSE')).toBe('/ann/demo/blob/main/LICENSE');
    expect(to('<a b?.md>')).toBe('/ann/demo/blob/main/docs/a%20b');
    expect(to('../../../../x')).toBe('/ann/demo/blob/main/x');
    expect(to('guide.md#Set-up')).toBe('/ann/demo/blob/main/docs/guide.md#user-content-Set-up');
    expect(to('#set-up')).toBe('#user-content-set-up');
    expect(to('/')).toBe('/ann/demo/tree/main');
    expect(to('100%25')).toBe('/ann/demo/blob/main/docs/100%25');
    expect(to('https://example.com/?a=1&b=2')).toBe('https://example.com/?a=1&amp;b=2');
    expect(to('mailto:ann@example.com')).toBe('mailto:ann@example.com');
  });

  it('shows images of its own repository and only links to those from elsewhere', () => {
    expect(render('![logo](../logo.png)')).toBe(
      '<p><img src="/ann/demo/raw/main/logo.png" alt="logo" loading="lazy" /></p>',
    );
    const outside = render('![logo](https://tracker.example/pixel.gif)');
    expect(outside).toContain(
      '<a href="https://tracker.example/pixel.gif" rel="nofollow noopener noreferrer">logo</a>',
    );
    expect(outside).not.toContain('<img');
    expect(render('![drawing](a.svg)')).toContain('<a href="/ann/demo/blob/main/docs/a.svg">drawing</a>');
    expect(render('[![build](https://b.example/x.svg)](https://ci.example)')).toBe(
      '<p><a href="https://ci.example/" rel="nofollow noopener noreferrer"><span>build</span></a></p>',
    );
    for (const src of [
      '//tracker.example/a.png',
      '\\\\tracker.example\\a.png',
      '/\\tracker.example/a.png',
      'data:image/png;base64,AA',
    ]) {
      expect(render(`<img src="${src}" alt="x">`)).not.toContain('<img');
    }
  });

  it('cannot name the elements of the page around it', () => {
    const html = render('<a name="content"></a><a id="content"></a><h2 id="user-menu">x</h2>');
    expect([...html.matchAll(/id="([^"]*)"/g)].map(([, id]) => id)).toEqual([
      'user-content-content',
      'user-content-user-menu',
    ]);
    expect(html).not.toContain('name=');
  });

  it.each(attacks())('does no harm with %s', (source) => {
    const html = render(source);
    const seen: string[] = [];
    for (const [, tag = '', attributes = ''] of html.matchAll(/<\/?([^\s/>]*)((?:[^">]|"[^"]*")*)>/g)) {
      expect(harmlessTags).toContain(tag);
      for (const [, name = '', value = ''] of attributes.matchAll(/([^\s="/]+)(?:="([^"]*)")?/g)) {
        seen.push(name);
        expect(harmlessAttributes).toContain(name);
        if (name === 'href') expect(value).toMatch(/^(?:https?:\/\/|mailto:|\/ann\/demo\/|#user-content-|$)/);
        if (name === 'src') expect(value).toMatch(/^\/ann\/demo\/raw\/main\//);
        if (name === 'id') expect(value).toMatch(/^user-content-/);
      }
    }
    // What is not a tag is text: no angle bracket is left over.
    expect(html.replace(/<\/?[a-z][a-z0-9]*(?:[^"<>]|"[^"<>]*")*>/g, '')).not.toMatch(/[<>]/);
  });

  it('is given up when it is too long or takes too long, and the next one is rendered', async () => {
    const { render: within } = createMarkdownRenderer({ now });
    expect(await within('# Hi', place)).toContain('<h1');
    expect(await within('a'.repeat(512 * 1024 + 1), place)).toBeNull();
    const hurried = createMarkdownRenderer({ now, timeoutMs: 300 });
    // Some seconds' work.
    expect(await hurried.render('!['.repeat(200_000), place)).toBeNull();
    expect(await within('# Again', place)).toContain('Again');
  });

  it('that takes too long is not tried again and again', async () => {
    let time = 0;
    const { render: within } = createMarkdownRenderer({ now: () => time, timeoutMs: 300 });
    const slow = '!['.repeat(200_000);
    expect(await within(slow, place)).toBeNull();
    const before = performance.now();
    expect(await within(slow, place)).toBeNull();
    expect(performance.now() - before).toBeLessThan(250);
    time += 11 * 60_000;
    const again = performance.now();
    expect(await within(slow, place)).toBeNull();
    expect(performance.now() - again).toBeGreaterThan(250);
  });

  it('that stands for far more than it is long is given up, and nothing else suffers', async () => {
    const { render: within } = createMarkdownRenderer({ now });
    const address = `[a]: https://example.com/${'x'.repeat(2000)}\n\n`;
    expect(await within(address + '[a] '.repeat(100_000), place)).toBeNull();
    expect(await within(address + '[a] '.repeat(4_000), place)).toBeNull();
    expect(await within(address + '[a] '.repeat(100), place)).toContain('<a href="https://example.com/xxx');
  });

  it('waits for its turn, unless too many do', async () => {
    const { render: within } = createMarkdownRenderer({ now });
    const texts = Array.from({ length: 20 }, (_, index) => `# ${index}`);
    const rendered = await Promise.all(texts.map((text) => within(text, place)));
    expect(rendered.slice(0, 16).every((html) => html?.includes('<h1'))).toBe(true);
    expect(rendered.slice(16)).toEqual([null, null, null, null]);
  });
});

const harmlessTags =
  'h1 h2 h3 p br a img em strong code pre ul ol li input table thead tbody tr th td div span blockquote s hr b i details summary'.split(
    ' ',
  );
const harmlessAttributes =
  'id title class tabindex href rel src alt width height loading type disabled checked aria-label open align colspan rowspan start'.split(
    ' ',
  );

/** From the OWASP filter evasion cheat sheet, DOMPurify's and sanitize-html's own tests, and Markdown's corners. */
function attacks(): readonly string[] {
  return [
    '<script>alert(1)</script>',
    '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '<img src=x onerror=alert(1)>',
    '<img src="x.png" onload="alert(1)" onmouseover=alert(1)>',
    '<img src="x.png`onerror=alert(1)`">',
    '<IMG """><SCRIPT>alert("XSS")</SCRIPT>"\\>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" &#14;  javascript:alert(1)">x</a>',
    '<a href="jav&#x0A;ascript:alert(1)">x</a>',
    '<a href="jav\tascript:alert(1)">x</a>',
    '<a href="&#106;avascript&colon;alert(1)">x</a>',
    '<a href="\u202ejavascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="blob:https://x/1">x</a>',
    '<a href="x" target="_blank" style="position:fixed;inset:0" ping="//e">x</a>',
    '[x](javascript:alert(1))',
    '[x](<javascript:alert(1)>)',
    '[x](&#x6A;avascript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](//evil.example)',
    '[x]: javascript:alert(1)\n\n[x]',
    '<javascript:alert(1)>',
    '![x](javascript:alert(1).png)',
    '![x" onerror="alert(1)](x.png)',
    '![x](x.png "t\\" onload=\\"alert(1)")',
    '<svg onload=alert(1)><g/></svg>',
    '<svg><style><img src=x onerror=alert(1)></style></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<math><mtext></p><style><!--</style><img src=x onerror=alert(1)>--></style></math>',
    '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    '<title><img title="</title><img src=x onerror=alert(1)>"></title>',
    '<style>@import "//evil.example/x.css";</style>',
    '<link rel=stylesheet href=//evil.example/x.css>',
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    '<base href="//evil.example/">',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="x.swf"></object><embed src="x.swf"><applet code=x>',
    '<form action="/logout" method=post><button>Win</button></form>',
    '<input type=image src=x formaction=/x><input name=password type=password><select><option>x</select>',
    '<button popovertarget="user-menu">x</button><div popover id=user-menu>x</div>',
    '<video src=x onerror=alert(1) autoplay></video><audio src=//e></audio><source srcset=//e>',
    '<picture><source srcset="//e/x.png"><img srcset="//e/x.png" src="x.png"></picture>',
    '<div style="background:url(//evil.example/x)" class="flash flash-error">x</div>',
    '<table background="//evil.example/x"><td background="javascript:alert(1)">x</td></table>',
    '<template><script>alert(1)</script></template><slot name=x></slot>',
    '<clipboard-copy value="evil">x</clipboard-copy><include-fragment src="/logout"></include-fragment>',
    '<!--><script>alert(1)</script>-->',
    '<!-- --!><img src=x onerror=alert(1)> -->',
    '<![CDATA[<script>alert(1)</script>]]>',
    '<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    '<a href="x" title="&quot;><script>alert(1)</script>">x</a>',
    '<p title=`"><img src=x onerror=alert(1)>`>x</p>',
    '`<img src=x onerror=alert(1)>`',
    '```"><script>alert(1)</script>\nx\n```',
    '# <img src=x onerror=alert(1)>',
    '| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |',
    '<div><p><table><tr><td><a href="x"><b><script>',
    '<'.repeat(2000),
    `${'<div>'.repeat(500)}x`,
    `${'['.repeat(2000)}x`,
    '\0<scr\0ipt>alert(1)</script>',
    '\ufeff<script>alert(1)</script>',
  ];
}
