// Git's protocol, spoken wrongly.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Site, startSite } from './malformed.ts';
import { type RawAnswer, show } from './raw.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});

afterAll(async () => {
  await site.close();
});

describe('Git that is none', () => {
  const exchange = (
    service: 'upload-pack' | 'receive-pack',
    body: string | Uint8Array,
    ...headers: readonly string[]
  ) =>
    site.post(
      `/mona/secret.git/git-${service}`,
      body,
      `Authorization: ${site.basic}`,
      `Content-Type: application/x-git-${service}-request`,
      ...headers,
    );
  /** Once git runs it answers in its own protocol, with 200: then with words in it. */
  const expectNo = (answer: RawAnswer | null, sent: string | Uint8Array): void => {
    if (answer?.status === 200) expect(answer.body, show(sent)).toMatch(/ERR |error|unpack|ng /);
    else expectRefusal(answer, sent);
  };
  const hash = '1'.repeat(40);
  const zero = '0'.repeat(40);
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const bodies: Readonly<Record<string, string>> = {
    'a length that is no number': 'zzzzwant x',
    'a length below four': '0003',
    'a length beyond the body': 'fff0want',
    'a negative length': '-001',
    'a length in large letters, cut off': '00FFwant',
    'one byte': '0',
    'null bytes': '\x00\x00\x00\x00',
    'a want of no object': `${line('want x\n')}00000009done\n`,
    'a want of an object that is not there': `${line(`want ${hash}\n`)}0000${line('done\n')}`,
    'a command in the place of a want': `${line('rm -rf /\n')}0000`,
    'a push of a ref outside of refs': `${line(`${zero} ${hash} ../../HEAD\0report-status`)}0000`,
    'a push of a ref with a control character': `${line(`${zero} ${hash} refs/heads/a\x01b\0report-status`)}0000`,
    'a push without a pack': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000`,
    'a push with a pack that is none': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000PACKnonsense`,
    'a push with a pack of four thousand million objects': `${line(`${zero} ${hash} refs/heads/main\0report-status`)}0000PACK\x00\x00\x00\x02\xff\xff\xff\xff`,
    'a signed push': `${line(`push-cert\0report-status`)}${line('certificate version 0.1\n')}0000`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`${name} is refused by fetching and pushing, plain and compressed`, async () => {
      const bytes = Buffer.from(body, 'latin1');
      for (const service of ['upload-pack', 'receive-pack'] as const) {
        expectNo(await exchange(service, bytes), bytes);
        expectNo(await exchange(service, gzipSync(bytes), 'Content-Encoding: gzip'), bytes);
        expectNo(await exchange(service, bytes, 'Git-Protocol: version=2'), bytes);
      }
    });
  }
  it('truncated, false and doubled compression is refused', async () => {
    const whole = gzipSync(line('0'.repeat(1_000)));
    for (const service of ['upload-pack', 'receive-pack'] as const) {
      for (const body of [
        whole.subarray(0, whole.length - 9),
        whole.subarray(0, 5),
        Buffer.from('no gzip'),
        gzipSync(whole),
      ]) {
        expectNo(await exchange(service, body, 'Content-Encoding: gzip'), body);
      }
      expectRefusal(await exchange(service, whole, 'Content-Encoding: br'));
      expectRefusal(await exchange(service, whole, 'Content-Encoding: gzip, gzip'));
    }
  });
  it('a small body that inflates to a huge one is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'));
    for (const service of ['upload-pack', 'receive-pack'] as const) {
      expectNo(await exchange(service, bomb, 'Content-Encoding: gzip'), 'a bomb');
    }
    await site.expectAlive();
  });
  it('wrong content types and protocols are refused', async () => {
    for (const type of ['text/plain', 'application/x-git-receive-pack-request', '']) {
      expectRefusal(
        await site.post(
          '/mona/secret.git/git-upload-pack',
          '0000',
          `Authorization: ${site.basic}`,
          `Content-Type: ${type}`,
        ),
      );
    }
    for (const protocol of ['version=2\x01', 'x'.repeat(5_000)]) {
      expectRefusal(
        await site.get('/mona/public.git/info/refs?service=git-upload-pack', `Git-Protocol: ${protocol}`),
        protocol,
      );
    }
  });
});

describe('The log of all this', () => {
  it('holds no fault of the server, and no credential', () => {
    site.expectCleanLog();
  });
});
