// Reading single values of the configuration from text; every error names the flag and its variable.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { ListenAddress } from './config.ts';
import { ConfigError } from './problem.ts';

/** `HOST:PORT`, `[IPV6]:PORT`; port 0 takes any free one. */
export function readListen(name: string, text: string): ListenAddress {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:[\]\s]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.v6 ?? match?.groups?.host;
  const port = Number(match?.groups?.port);
  const isHost = match?.groups?.v6 === undefined ? isHostName(host ?? '') : isIP(host ?? '') === 6;
  if (host === undefined || !isHost || port > 65_535) {
    throw new ConfigError('usage', `${name} must be HOST:PORT, like 127.0.0.1:3000 or [::1]:3000.`);
  }
  return Object.freeze({ host: host.toLowerCase(), port });
}

function isHostName(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIP(text) === 4;
  return text.length <= 253 && /^(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?$/i.test(text);
}

/** The base of all links: an address of http or https with nothing after the port. */
export function readUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const fits =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.pathname === '/' &&
    !/[?#]/.test(text) &&
    !url.host.includes('_');
  if (!fits || url.username !== '' || url.password !== '') {
    throw new ConfigError(
      'usage',
      `${name} must be an address like https://git.example.com, without a path.`,
    );
  }
  return url.origin;
}

/** The base of SSH addresses: `ssh://git@git.example.com`, with a port where it is not 22. */
export function readSshUrl(name: string, text: string): string {
  const match = /^ssh:\/\/git@(?:\[[\da-f:.]+\]|[a-z0-9.-]+)(?::(?<port>[1-9]\d{0,4}))?\/?$/i.exec(text);
  if (match === null || Number(match.groups?.port ?? 22) > 65_535) {
    throw new ConfigError(
      'usage',
      `${name} must be an address like ssh://git@git.example.com:2222, without a path.`,
    );
  }
  return text.toLowerCase().replace(/\/$/, '').replace(/:22$/, '');
}

/** CIDR ranges; a single address is a range of one. */
export function readRanges(name: string, texts: readonly string[]): readonly string[] {
  const ranges = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const range of ranges) {
    if (!isRange(range)) {
      throw new ConfigError('usage', `${name} must be an address range like 10.0.0.0/8 or fd00::/8.`);
    }
  }
  return Object.freeze(ranges.map((range) => (range.includes('/') ? range : ipaddr.parse(range).toString())));
}

function isRange(text: string): boolean {
  if (!text.includes('/')) return isIP(text) !== 0;
  const [address = ''] = text.split('/');
  return isIP(address) !== 0 && ipaddr.isValidCIDR(text);
}

/** An e-mail address or `Name <address>`; bounded, on one line. */
export function readMailFrom(name: string, text: string): string {
  if (!/^(?:[^<>\p{Cc}]{0,100}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u.test(text) || text.length > 320) {
    throw new ConfigError('usage', `${name} must be an e-mail address, like latchkey@example.com.`);
  }
  return text;
}

const yes = new Set(['1', 'true', 'yes', 'on']);
const no = new Set(['', '0', 'false', 'no', 'off']);

export function readYesNo(name: string, text: string): boolean {
  const value = text.toLowerCase();
  if (yes.has(value)) return true;
  if (no.has(value)) return false;
  throw new ConfigError('usage', `${name} must be true or false.`);
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** A whole number above 0; with `bytes` also `512m`, `2g`. */
export function readNumber(name: string, text: string, unit: 'count' | 'bytes' | 'seconds'): number {
  const match = /^(\d{1,15})([kmgt]?)$/i.exec(text);
  const suffix = match?.[2]?.toLowerCase() ?? '';
  const value = Number(match?.[1]) * (units[suffix] ?? 1);
  const fits =
    match !== null && Number.isSafeInteger(value) && value > 0 && (suffix === '' || unit === 'bytes');
  if (!fits) {
    const example = { count: '32', bytes: '512m or 2g', seconds: '3600' }[unit];
    throw new ConfigError(
      'usage',
      `${name} must be a number of ${unit === 'count' ? 'at least 1' : unit}, like ${example}.`,
    );
  }
  return value;
}

/** 127.0.0.0/8, ::1 and `localhost`: what only this machine itself can reach. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost') return true;
  return isIP(name) !== 0 && ipaddr.process(name).range() === 'loopback';
}

export function isWildcard(host: string): boolean {
  return isIP(host) !== 0 && ipaddr.process(host).range() === 'unspecified';
}
