import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseRanges, readClient } from './client.ts';

function read(peer: string, trusted: readonly string[], sent: IncomingHttpHeaders = {}, tls = false) {
  const headers = { ...sent };
  const request = { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage;
  return { ...readClient(request, parseRanges(trusted), tls), headers };
}

describe('The client of a request', () => {
  it('is the peer, whatever it says of itself', () => {
    const lies = {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil',
      forwarded: 'for=1.2.3.4',
    };
    const client = read('203.0.113.7', ['10.0.0.0/8'], lies);
    expect(client).toMatchObject({ address: '203.0.113.7', secure: false, byProxy: false, loopback: false });
    expect(client.headers).toEqual({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http' });
  });

  it('is not this machine itself when an unknown proxy on it speaks for another', () => {
    for (const said of [
      { 'x-forwarded-for': '8.8.8.8' },
      { 'x-forwarded-for': '8.8.8.8, 127.0.0.1' },
      { 'x-forwarded-for': 'unknown' },
      { 'x-real-ip': '2001:4860:4860::8888' },
      { forwarded: 'for=8.8.8.8' },
    ]) {
      expect(read('127.0.0.1', [], said)).toMatchObject({ address: '127.0.0.1', loopback: false });
    }
    for (const said of [{}, { 'x-forwarded-for': '127.0.0.1' }, { 'x-real-ip': '::1' }]) {
      expect(read('127.0.0.1', [], said)).toMatchObject({ address: '127.0.0.1', loopback: true });
    }
  });

  it('is whom a trusted proxy speaks for', () => {
    const said = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'git.example.com',
    };
    expect(read('10.1.2.3', ['10.0.0.0/8'], said)).toMatchObject({
      address: '203.0.113.7',
      secure: true,
      byProxy: true,
      headers: said,
    });
  });

  it('is the nearest address that is no proxy: what stands before it, the client made up', () => {
    const said = { 'x-forwarded-for': '127.0.0.1, 198.51.100.1, 10.9.9.9' };
    expect(read('10.1.2.3', ['10.0.0.0/8'], said).address).toBe('198.51.100.1');
    expect(read('10.1.2.3', ['10.1.2.3'], said).address).toBe('10.9.9.9');
  });

  it('is the farthest proxy when all are proxies, and the proxy when it says nothing', () => {
    expect(read('10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-for': '10.0.0.1, 10.0.0.2' }).address).toBe(
      '10.0.0.1',
    );
    expect(read('10.1.2.3', ['10.0.0.0/8'], {}).address).toBe('10.1.2.3');
  });

  it('is not what is no address', () => {
    for (const junk of [
      'unknown',
      '',
      ',',
      'evil',
      '203.0.113.7, evil',
      '999.1.1.1',
      '<script>',
      'a'.repeat(5_000),
    ]) {
      expect(read('10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-for': junk }).address, junk).toBe('10.1.2.3');
    }
  });

  it('is read with ports, in brackets and mapped into IPv6', () => {
    const from = (text: string) =>
      read('::ffff:10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-for': text }).address;
    expect(from('203.0.113.7:1234')).toBe('203.0.113.7');
    expect(from('[2001:db8::1]:1234')).toBe('2001:db8::1');
    expect(from('2001:db8::1')).toBe('2001:db8::1');
    expect(from('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('is this machine itself only if both the peer and whom it speaks for are', () => {
    expect(read('127.0.0.1', []).loopback).toBe(true);
    expect(read('::1', []).loopback).toBe(true);
    expect(read('127.0.0.1', ['127.0.0.1']).loopback).toBe(true);
    expect(read('127.0.0.1', ['127.0.0.1'], { 'x-forwarded-for': '203.0.113.7' }).loopback).toBe(false);
    expect(read('10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-for': '127.0.0.1' }).loopback).toBe(false);
    expect(read('203.0.113.7', [], { 'x-forwarded-for': '127.0.0.1' }).loopback).toBe(false);
  });

  it('came over TLS when it did here, or at the proxy', () => {
    expect(read('203.0.113.7', [], {}, true).secure).toBe(true);
    expect(read('10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-proto': 'https, http' }).secure).toBe(false);
    expect(read('10.1.2.3', ['10.0.0.0/8'], { 'x-forwarded-proto': 'http, https' }).secure).toBe(true);
  });
});
