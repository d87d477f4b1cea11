import { describe, expect, it } from 'vitest';
import { judgeHost } from './hosts.ts';

describe('The host of a request', () => {
  const at = (base: string) => (host: string) => judgeHost(host, base);

  it('is ours by the name in the configured address, whatever the letters and the port', () => {
    const judge = at('https://git.example.com');
    for (const host of [
      'git.example.com',
      'GIT.example.com:443',
      'git.example.com.',
      'git.example.com:8080',
    ]) {
      expect(judge(host), host).toBe('ours');
    }
    for (const host of ['example.com', 'xgit.example.com', 'git.example.com.evil', 'git.example.co']) {
      expect(judge(host), host).toBe('foreign');
    }
  });

  it('may be an address', () => {
    expect(at('http://192.0.2.1:3000')('192.0.2.1:3000')).toBe('ours');
    expect(at('http://192.0.2.1:3000')('192.0.2.2:3000')).toBe('foreign');
    expect(at('http://[2001:db8::1]:3000')('[2001:db8::1]:3000')).toBe('ours');
    expect(at('http://[2001:db8::1]:3000')('[2001:DB8::1]')).toBe('ours');
    expect(at('http://[2001:db8::1]:3000')('[2001:db8::2]')).toBe('foreign');
  });

  it('may be a loopback name or one of the development names', () => {
    const judge = at('https://git.example.com');
    for (const host of [
      'localhost',
      'localhost:3000',
      '127.0.0.1',
      '127.1.2.3:1',
      '[::1]',
      'github.localhost',
    ]) {
      expect(judge(host), host).toBe('ours');
    }
    expect(judge('api.github.localhost:3000')).toBe('api');
    for (const host of [
      'evil.localhost',
      'localhost.evil',
      '0.0.0.0',
      '[::]',
      '128.0.0.1',
      '2130706433',
      '0x7f.1',
    ]) {
      expect(judge(host), host).toBe('foreign');
    }
  });

  it('is malformed when it is none', () => {
    const judge = at('https://git.example.com');
    for (const host of [
      '',
      ' ',
      'a b',
      'a/b',
      'a@b',
      'a:b',
      'a:1:2',
      '[::1',
      '::1',
      'a\u0000',
      'é',
      `${'a'.repeat(300)}`,
    ]) {
      expect(judge(host), host).toBe('malformed');
    }
  });
});
