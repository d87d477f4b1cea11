import { describe, expect, it } from 'vitest';
import { Secret } from '../secrets/secret.ts';
import { createLog } from './logging.ts';

function collect() {
  let text = '';
  const { logger } = createLog({
    write: (line: string) => {
      text += line;
    },
  });
  return { logger, text: () => text };
}

describe('The log', () => {
  it('is a line of JSON an event', () => {
    const { logger, text } = collect();
    logger.info({ a: 1 }, 'one');
    logger.warn('two\nlines');
    const lines = text().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as { msg: string; level: string })).toMatchObject([
      { level: 'info', a: 1, msg: 'one' },
      { level: 'warn', msg: 'two\nlines' },
    ]);
  });

  it('never shows a secret, in whatever it is wrapped', () => {
    const { logger, text } = collect();
    const secret = new Secret('planted');
    logger.info({ secret, deep: { list: [secret] } }, 'token %s', secret);
    logger.error({ err: Object.assign(new Error('failed'), { options: { authorization: 'planted' } }) }, 'x');
    expect(text()).not.toContain('planted');
  });

  it('cuts out what has the form of a token, a link or a credential in a URL', () => {
    const { logger, text } = collect();
    const token = `ghp_${'Ab1'.repeat(12)}`;
    logger.info({
      path: `/mona/${token}`,
      err: new Error(`fatal: https://mona:planted1@host/x and ${token}`),
    });
    logger.info(`https://git.example.com/setup?code=planted2-planted2`);
    logger.info(`github_pat_${'planted3'.repeat(10)}`);
    expect(text()).not.toMatch(/planted|Ab1Ab1/);
    expect(text()).toContain('[secret]');
  });

  it('tells where an error came from', () => {
    const { logger, text } = collect();
    logger.error({ err: new TypeError('no', { cause: new RangeError('why') }) }, 'failed');
    expect(JSON.parse(text())).toMatchObject({
      err: { type: 'TypeError', message: 'no', cause: { type: 'RangeError', message: 'why' } },
    });
  });
});
