import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { createAttempts, FREE_ATTEMPTS, FREE_ATTEMPTS_OF_ADDRESS } from './attempts.ts';

const minutes = 60_000;

describe('Bad credentials', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  const bad = `ghp_${'a'.repeat(36)}`;
  const from = (remoteAddress: string, authorization: string) =>
    api.request({ method: 'GET', url: '/api/v3/meta', remoteAddress, headers: { authorization } });
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const tooMany = 'Maximum number of login attempts exceeded. Please try again later.';

  it('are refused otherwise after ten within five minutes, good ones never, and it ends', async () => {
    const good = await api.token(await api.person('ada'));
    for (let n = 0; n < FREE_ATTEMPTS; n += 1) {
      expect((await from('192.0.2.1', `Bearer ${bad}`)).statusCode).toBe(401);
    }
    const over = await from('192.0.2.1', `Bearer ${bad}`);
    expect(over.statusCode).toBe(403);
    expect(over.json()).toMatchObject({ message: tooMany, status: '403' });
    // What is good is let through, in whatever form, from there and from elsewhere.
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      for (const header of [`Bearer ${good}`, basic(`ada:${good}`), basic(`${good}:`)]) {
        expect((await from(address, header)).statusCode).toBe(200);
      }
    }
    // Others are told plainly that theirs is bad: from elsewhere, and under another name.
    expect((await from('192.0.2.2', `Bearer ${bad}`)).statusCode).toBe(401);
    expect((await from('192.0.2.1', basic(`bob:${bad}`))).statusCode).toBe(401);
    api.ctx.clock.forward(5 * minutes);
    expect((await from('192.0.2.1', `Bearer ${bad}`)).statusCode).toBe(401);
  });

  it('count passwords too, by the name beside them without regard to case', async () => {
    for (let n = 0; n < FREE_ATTEMPTS; n += 1) {
      const name = n % 2 === 0 ? 'Ada' : 'ADA';
      expect((await from('192.0.2.3', basic(`${name}:secret ${n}`))).statusCode).toBe(401);
    }
    expect((await from('192.0.2.3', basic('ada:secret'))).statusCode).toBe(403);
  });

  it('from all addresses of one IPv6 customer count as from one', () => {
    const attempts = createAttempts(() => 0);
    for (let n = 0; n < FREE_ATTEMPTS; n += 1) {
      expect(attempts.failed('ada', `2001:db8:1:2::${n + 1}`)).toBe(true);
    }
    expect(attempts.failed('ada', '2001:db8:1:2:ffff::1')).toBe(false);
    expect(attempts.failed('ada', '2001:db8:1:3::1')).toBe(true);
  });

  it('under ever new names count for their address, a hundred of them', () => {
    const attempts = createAttempts(() => 0);
    for (let n = 0; n < FREE_ATTEMPTS_OF_ADDRESS; n += 1) {
      expect(attempts.failed(`name ${n}`, '192.0.2.1')).toBe(true);
    }
    expect(attempts.failed('one more', '192.0.2.1')).toBe(false);
    expect(attempts.failed('one more', '192.0.2.2')).toBe(true);
  });

  it('from very many places take no more memory than a few of them', () => {
    const attempts = createAttempts(() => 0);
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 60_000; n += 1)
      attempts.failed(`name ${n}`.repeat(20), `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40 * 1024 * 1024);
  });
});
