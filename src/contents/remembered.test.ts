import { describe, expect, it } from 'vitest';
import { createRemembered } from './remembered.ts';

describe('what is remembered', () => {
  it('is worked out once, also for those who ask at the same time', async () => {
    const remembered = createRemembered<number>(2);
    let made = 0;
    const ask = (name: string) => remembered.get(name, async () => ++made);
    expect(await Promise.all([ask('a'), ask('a')])).toEqual([1, 1]);
    expect(await ask('a')).toBe(1);
    expect(await ask('b')).toBe(2);
  });

  it('is forgotten when other things were asked for since', async () => {
    const remembered = createRemembered<string>(2);
    const ask = (name: string, answer: string) => remembered.get(name, async () => answer);
    await ask('a', 'first');
    await ask('b', 'first');
    await ask('a', 'second');
    await ask('c', 'first');
    expect([await ask('a', 'third'), await ask('b', 'third')]).toEqual(['first', 'third']);
  });

  it('is no failure', async () => {
    const remembered = createRemembered<string>(2);
    await expect(remembered.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await remembered.get('a', async () => 'yes')).toBe('yes');
  });
});
