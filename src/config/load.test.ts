import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits, defaultPasswordCost } from './config.ts';
import { type Environment, type Flags, loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

function refusal(flags: Flags, env: Environment = {}): ConfigError {
  try {
    loadConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('A configuration', () => {
  it('without flags and variables is that of the contract', () => {
    expect(loadConfig({}, {})).toEqual({
      auditDays: 400,
      dataDirectory: resolve('data'),
      repositoriesDirectory: resolve('data/repositories'),
      trashDirectory: resolve('data/trash'),
      databaseFile: resolve('data/latchkey.db'),
      listen: { host: '127.0.0.1', port: 3000 },
      url: 'http://127.0.0.1:3000',
      tls: null,
      ssh: { host: '127.0.0.1', port: 2222, isDefault: true },
      sshUrl: 'ssh://git@127.0.0.1:2222',
      trustedProxies: [],
      privateMode: false,
      importFromPrivateAddresses: false,
      limits: defaultLimits,
      passwordCost: defaultPasswordCost,
      smtpUrl: null,
      mailFrom: null,
    });
  });

  it('names SSH by the host of the links, or as it is told', () => {
    expect(loadConfig({ sshListen: 'off' }, {})).toMatchObject({ ssh: null, sshUrl: null });
    const served = loadConfig({ sshListen: '0.0.0.0:22', url: 'https://git.example.com' }, {});
    expect(served).toMatchObject({
      ssh: { port: 22, isDefault: false },
      sshUrl: 'ssh://git@git.example.com',
    });
    for (const text of ['ssh://git@Git.example.com:22/', 'ssh://git@git.example.com']) {
      const told = loadConfig({ sshListen: 'off' }, { LATCHKEY_SSH_URL: text });
      expect(told.sshUrl).toBe('ssh://git@git.example.com');
    }
    for (const text of [
      'git.example.com',
      'ssh://root@git.example.com',
      'ssh://git@a/b',
      'ssh://git@a:70000',
    ]) {
      expect(() => loadConfig({}, { LATCHKEY_SSH_URL: text })).toThrow('LATCHKEY_SSH_URL');
    }
  });

  it('is frozen', () => {
    const config = loadConfig({}, {});
    expect(Object.isFrozen(config) && Object.isFrozen(config.listen) && Object.isFrozen(config.limits)).toBe(
      true,
    );
  });

  it('takes the flag before the variable', () => {
    const env = { LATCHKEY_LISTEN: '127.0.0.1:1', LATCHKEY_DATA: '/one', LATCHKEY_PRIVATE_MODE: 'true' };
    expect(loadConfig({}, env)).toMatchObject({
      listen: { port: 1 },
      dataDirectory: '/one',
      privateMode: true,
    });
    const flags = { listen: '127.0.0.1:2', data: '/two' };
    expect(loadConfig(flags, env)).toMatchObject({ listen: { port: 2 }, dataDirectory: '/two' });
  });

  it('takes every variable of the contract', () => {
    const config = loadConfig(
      {},
      {
        LATCHKEY_DATA: '/d',
        LATCHKEY_LISTEN: '0.0.0.0:443',
        LATCHKEY_URL: 'https://Git.Example.com/',
        LATCHKEY_SSH_LISTEN: 'off',
        LATCHKEY_DATABASE_URL: 'sqlite:/d/other.db',
        LATCHKEY_REPOSITORIES: '/r',
        LATCHKEY_TLS_CERT: '/c.pem',
        LATCHKEY_TLS_KEY: '/k.pem',
        LATCHKEY_TRUST_PROXY: '10.0.0.0/8, ::1',
        LATCHKEY_PRIVATE_MODE: '1',
        LATCHKEY_SMTP_URL: 'smtps://u:planted@mail.example.com',
        LATCHKEY_MAIL_FROM: 'Latchkey <git@example.com>',
        LATCHKEY_LIMIT_PUSH_SIZE: '512m',
        LATCHKEY_LIMIT_GIT_SECONDS: '60',
        LATCHKEY_LIMIT_HEADERS_SECONDS: '5',
        LATCHKEY_LIMIT_BODY_SECONDS: '7',
        LATCHKEY_LIMIT_STOP_SECONDS: '40',
      },
    );
    expect(config).toMatchObject({
      listen: { host: '0.0.0.0', port: 443 },
      url: 'https://git.example.com',
      databaseFile: '/d/other.db',
      repositoriesDirectory: '/r',
      trashDirectory: '/r/.trash',
      tls: { certFile: '/c.pem', keyFile: '/k.pem' },
      trustedProxies: ['10.0.0.0/8', '::1'],
      privateMode: true,
      mailFrom: 'Latchkey <git@example.com>',
      limits: {
        pushBytes: 512 * 1024 ** 2,
        gitRequestMs: 60_000,
        headersMs: 5_000,
        bodyMs: 7_000,
        stopMs: 30_000,
      },
    });
    expect(config.smtpUrl?.expose()).toBe('smtps://u:planted@mail.example.com');
    expect(JSON.stringify(config)).not.toContain('planted');
  });

  it('makes links from the address where none is told', () => {
    expect(loadConfig({ listen: '[::1]:8080' }, {}).url).toBe('http://[::1]:8080');
    expect(loadConfig({ listen: 'localhost:80' }, {}).url).toBe('http://localhost');
    const tls = { tlsCert: 'c', tlsKey: 'k' };
    expect(loadConfig({ ...tls, listen: 'git.example.com:443' }, {}).url).toBe('https://git.example.com');
    expect(refusal({ ...tls, listen: '0.0.0.0:443' }).message).toMatch(/^--url \(LATCHKEY_URL\) is missing/);
  });

  it('serves plain HTTP on loopback addresses only, but for a trusted proxy', () => {
    for (const listen of ['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1', '[::ffff:127.0.0.1]:1']) {
      expect(loadConfig({ listen }, {}).tls).toBeNull();
    }
    const url = 'https://git.example.com';
    for (const listen of ['0.0.0.0:1', '[::]:1', '10.0.0.1:1', 'git.example.com:1', '128.0.0.1:1']) {
      expect(refusal({ listen, url })).toMatchObject({ kind: 'refused' });
      expect(loadConfig({ listen, url, trustProxy: ['10.0.0.0/8'] }, {}).listen.port).toBe(1);
      expect(loadConfig({ listen, url, tlsCert: 'c', tlsKey: 'k' }, {}).listen.port).toBe(1);
    }
  });

  it('refuses secrets as flags, names the variable, and does not repeat them', () => {
    for (const flags of [
      { database: 'postgres://u:planted@h/d' },
      { database: 'postgres://h/d?password=planted' },
      { database: 'postgres://planted@h/d' },
    ]) {
      const { message, kind } = refusal(flags);
      expect(kind).toBe('refused');
      expect(message).toMatch(/^--database .*LATCHKEY_DATABASE_URL/);
      expect(message).not.toContain('planted');
    }
    const { message } = refusal({ smtpUrl: 'smtp://u:planted@h' });
    expect(message).toMatch(/LATCHKEY_SMTP_URL/);
    expect(message).not.toContain('planted');
  });

  it('says that PostgreSQL is not supported yet', () => {
    const { message } = refusal({}, { LATCHKEY_DATABASE_URL: 'postgresql://u:planted@h/d' });
    expect(message).toMatch(/PostgreSQL, which this version does not support yet/);
    expect(message).not.toContain('planted');
  });

  it.each<[Flags, Environment, string]>([
    [{ listen: '3000' }, {}, '--listen (LATCHKEY_LISTEN)'],
    [{ listen: '127.0.0.1:65536' }, {}, '--listen (LATCHKEY_LISTEN)'],
    [{ listen: '::1:3000' }, {}, '--listen (LATCHKEY_LISTEN)'],
    [{ listen: '999.0.0.1:3000' }, {}, '--listen (LATCHKEY_LISTEN)'],
    [{}, { LATCHKEY_LISTEN: 'x' }, 'LATCHKEY_LISTEN (--listen)'],
    [{ sshListen: 'maybe' }, {}, '--ssh-listen (LATCHKEY_SSH_LISTEN)'],
    [{ url: 'git.example.com' }, {}, '--url (LATCHKEY_URL)'],
    [{ url: 'https://git.example.com/path' }, {}, '--url (LATCHKEY_URL)'],
    [{ url: 'https://u:p@git.example.com' }, {}, '--url (LATCHKEY_URL)'],
    [{ url: 'ftp://git.example.com' }, {}, '--url (LATCHKEY_URL)'],
    [{ tlsCert: 'c' }, {}, '--tls-key (LATCHKEY_TLS_KEY)'],
    [{ tlsKey: 'k' }, {}, '--tls-cert (LATCHKEY_TLS_CERT)'],
    [{ trustProxy: ['10.0.0.0/33'] }, {}, '--trust-proxy (LATCHKEY_TRUST_PROXY)'],
    [{ trustProxy: ['proxy.example.com'] }, {}, '--trust-proxy (LATCHKEY_TRUST_PROXY)'],
    [{ trustProxy: ['10.1/8'] }, {}, '--trust-proxy (LATCHKEY_TRUST_PROXY)'],
    [{}, { LATCHKEY_PRIVATE_MODE: 'maybe' }, 'LATCHKEY_PRIVATE_MODE (--private-mode)'],
    [{ database: 'mysql://h/d' }, {}, '--database (LATCHKEY_DATABASE_URL)'],
    [{ database: 'sqlite:' }, {}, '--database (LATCHKEY_DATABASE_URL)'],
    [{ data: '' }, {}, '--data (LATCHKEY_DATA)'],
    [{}, { LATCHKEY_SMTP_URL: 'mail.example.com' }, 'LATCHKEY_SMTP_URL'],
    [{}, { LATCHKEY_MAIL_FROM: 'a@b\nBcc: c@d' }, 'LATCHKEY_MAIL_FROM'],
    [{}, { LATCHKEY_LIMIT_PUSH_SIZE: '0' }, 'LATCHKEY_LIMIT_PUSH_SIZE'],
    [{}, { LATCHKEY_LIMIT_GIT_PROCESSES: '2k' }, 'LATCHKEY_LIMIT_GIT_PROCESSES'],
    [{}, { LATCHKEY_LIMIT_GIT_SECONDS: '-1' }, 'LATCHKEY_LIMIT_GIT_SECONDS'],
  ])('that is wrong (%j %j) is told by the name of what is wrong', (flags, env, name) => {
    const { message, kind } = refusal(flags, env);
    expect(kind).toBe('usage');
    expect(message.startsWith(name), message).toBe(true);
    expect(message).toMatch(/^[^\n]+\.$/);
  });
});
