import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callbackProblem, leadsToLoopback, matchingCallback, withAnswer } from './redirects.ts';

const site = 'https://app.example.com/callback';
const loopback = 'http://127.0.0.1/callback';
const taken = (registered: string, asked: string) => matchingCallback([registered], asked) !== null;

describe('An address to be led back to', () => {
  it.each([
    ['the callback itself', site, site],
    ['a path below it', site, `${site}/a/b`],
    ['with a query of its own', site, `${site}?step=2`],
    ['a host below its host', site, 'https://eu.app.example.com/callback'],
    ['any path below the root', 'https://app.example.com/', 'https://app.example.com/a'],
    ['any port of a loopback address', loopback, 'http://127.0.0.1:49152/callback'],
    ['any port of localhost', 'http://localhost/', 'http://localhost:8080/'],
    ['any port of localhost, without a path', 'http://localhost/', 'http://localhost:8080'],
    ['any port of ::1', 'http://[::1]:1/cb', 'http://[::1]:9999/cb'],
    ['a scheme of an app', 'com.example.app:/cb', 'com.example.app:/cb'],
  ])('is taken: %s', (_why, registered, asked) => {
    expect(taken(registered, asked)).toBe(true);
  });

  it.each([
    ['another scheme', site, 'http://app.example.com/callback'],
    ['another host', site, 'https://evil.example/callback'],
    ['a host that ends alike', site, 'https://evilapp.example.com/callback'],
    ['a host that begins alike', site, 'https://app.example.com.evil.example/callback'],
    ['a host above it', site, 'https://example.com/callback'],
    ['another port', site, 'https://app.example.com:8443/callback'],
    ['the usual port, spelled out', site, 'https://app.example.com:443/callback'],
    ['a capital host', site, 'https://APP.example.com/callback'],
    ['a path in capitals', site, 'https://app.example.com/Callback'],
    ['a path beside it', site, 'https://app.example.com/callbacks'],
    ['a path above it', site, 'https://app.example.com/'],
    ['dots', site, 'https://app.example.com/callback/../evil'],
    ['a single dot', site, 'https://app.example.com/callback/./a'],
    ['escaped dots', site, 'https://app.example.com/callback/%2e%2e/evil'],
    ['half escaped dots', site, 'https://app.example.com/callback/.%2E/evil'],
    ['dots escaped twice', site, 'https://app.example.com/callback/%252e%252e/evil'],
    ['dots before an escaped slash', site, 'https://app.example.com/callback/..%2fevil'],
    ['dots before a parameter of the path', site, 'https://app.example.com/callback/..;/evil'],
    ['dots before an escaped parameter', site, 'https://app.example.com/callback/..%3B/evil'],
    ['dots in the path of an app without a slash', 'com.example.app:cb', 'com.example.app:cb/../evil'],
    ['a backslash', site, 'https://app.example.com/callback/..\\evil'],
    ['an escaped backslash', site, 'https://app.example.com/callback/..%5cevil'],
    ['a backslash for a slash', site, 'https:\\\\app.example.com/callback'],
    ['a slash that makes two', site, 'https://app.example.com/callback//evil.example'],
    ['a user', site, 'https://app.example.com@evil.example/callback'],
    ['a user of its own', site, 'https://user@app.example.com/callback'],
    ['a fragment', site, `${site}#token`],
    ['an empty fragment', site, `${site}#`],
    ['a space', site, `${site}/a b`],
    ['a tab', site, `${site}/a\tb`],
    ['a line end', site, `${site}\r\nlocation: evil`],
    ['a letter that looks alike', site, 'https://аpp.example.com/callback'],
    ['a dot at the end of the host', site, 'https://app.example.com./callback'],
    ['parameters that the answer has', site, `${site}?code=stolen`],
    ['the state of somebody else', site, `${site}?state=theirs`],
    ['no scheme', site, '//app.example.com/callback'],
    ['a relative address', site, '/callback'],
    ['nothing', site, ''],
    ['a script', site, 'javascript:alert(1)'],
    ['a page in a URL', site, 'data:text/html,x'],
    ['another loopback host', loopback, 'http://localhost/callback'],
    ['an address that is loopback too', loopback, 'http://127.0.0.2/callback'],
    ['a loopback address in another spelling', loopback, 'http://127.1/callback'],
    ['a loopback address as a number', loopback, 'http://2130706433/callback'],
    ['a host that begins with a loopback address', loopback, 'http://127.0.0.1.evil.example/callback'],
    ['a host below localhost', 'http://localhost/', 'http://evil.localhost/'],
    ['loopback by TLS', loopback, 'https://127.0.0.1/callback'],
    ['the path of a loopback address beside it', loopback, 'http://127.0.0.1:5000/callbacks'],
    ['the path of a loopback address above it', loopback, 'http://127.0.0.1:5000/'],
    ['a host below an address by number', 'https://192.0.2.1/cb', 'https://a.192.0.2.1/cb'],
    ['a host below a name without dots', 'https://intranet/cb', 'https://a.intranet/cb'],
    ['another query than a registered one', `${site}?a=1`, `${site}?a=2`],
    ['another path of an app', 'com.example.app:/cb', 'com.example.app:/other'],
    ['very much of it', site, `${site}/${'a'.repeat(2_000)}`],
  ])('is refused: %s', (_why, registered, asked) => {
    expect(taken(registered, asked)).toBe(false);
  });

  it('is of the same place as the registered one, however it is written', () => {
    const part = fc.constantFrom(
      'app',
      '.',
      'example',
      'com',
      '/',
      '//',
      '\\',
      '@',
      ':',
      '443',
      '%2e',
      '..',
      '#',
      '?',
      'callback',
      'evil',
      ' ',
      '%2f',
      '[::1]',
      'é',
    );
    fc.assert(
      fc.property(
        fc.constantFrom('https://', 'http://', 'https:', '//', ''),
        fc.array(part, { maxLength: 12 }),
        (scheme, parts) => {
          const asked = `${scheme}${parts.join('')}`;
          if (!taken(site, asked)) return;
          const { protocol, hostname, port, pathname, hash, username } = new URL(asked);
          expect([protocol, port, hash, username]).toEqual(['https:', '', '', '']);
          expect(hostname).toMatch(/^(.+\.)?app\.example\.com$/);
          expect(pathname).toMatch(/^\/callback(\/|$)/);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('gets the answer beside what stands in its query', () => {
    expect(withAnswer(`${site}?a=1`, { code: 'c', state: 'x y&z', iss: null })).toBe(
      `${site}?a=1&code=c&state=x+y%26z`,
    );
    expect(withAnswer('com.example.app:/cb', { code: 'c' })).toBe('com.example.app:/cb?code=c');
    expect(withAnswer('http://localhost:8080', { code: 'c' })).toBe('http://localhost:8080/?code=c');
  });
});

describe('A callback to be registered', () => {
  it.each([
    site,
    loopback,
    'http://[::1]:8080/',
    'http://localhost/',
    'https://intranet/cb',
    'com.example.app:/cb',
  ])('may be %s', (text) => expect(callbackProblem(text)).toBeNull());
  it.each([
    'http://app.example.com/callback',
    'ftp://app.example.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    'vscode:/cb',
    'file:///etc/passwd',
    `${site}#a`,
    'https://user:password@app.example.com/',
    'https://app.example.com/%2e%2e/',
    'app.example.com/callback',
    'https://',
  ])('may not be %s', (text) => expect(callbackProblem(text)).toMatch(/^(The callback URL|A scheme)/));

  it('leads to the machine itself, or elsewhere', () => {
    expect([loopback, 'http://[::1]/', 'http://localhost:1/'].map(leadsToLoopback)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      [site, 'https://127.0.0.1/', 'http://localhost.evil.example/', 'none'].map(leadsToLoopback),
    ).toEqual([false, false, false, false]);
  });
});
