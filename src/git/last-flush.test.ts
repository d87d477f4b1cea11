import { expect, it } from 'vitest';
import { keepLastFlush } from './last-flush.ts';

async function* sending(...pieces: readonly string[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** What comes until the push is recorded, and after it. */
async function around(pieces: readonly string[], isReport = () => true): Promise<readonly [string, string]> {
  const settling = Promise.withResolvers<void>();
  const reading = keepLastFlush(sending(...pieces), settling.promise, isReport);
  const seen = ['', ''];
  let turn = 0;
  const read = (async () => {
    for await (const piece of reading) seen[turn] += piece.toString();
  })();
  await new Promise((resolve) => setImmediate(resolve));
  turn = 1;
  settling.resolve();
  await read;
  return [seen[0] ?? '', seen[1] ?? ''];
}

it('the flush that ends a report comes once the push is recorded', async () => {
  expect(await around(['000eunpack ok\n', '0000'])).toEqual(['000eunpack ok\n', '0000']);
  expect(await around(['000eunpack ok\n0000'])).toEqual(['000eunpack ok\n', '0000']);
});

it('all else goes through at once, and in its order', async () => {
  expect(await around(['a', 'b0000', 'c', '0000', '0000'])).toEqual(['ab0000c0000', '0000']);
  expect(await around(['0000', 'a'])).toEqual(['0000a', '']);
  expect(await around([])).toEqual(['', '']);
});

it('the flush that ends the refs of a session is not held back', async () => {
  expect(await around(['refs0000'], () => false)).toEqual(['refs0000', '']);
});
