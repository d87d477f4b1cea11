import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.ts';

const limits = { connections: 6, newcomers: 3, perOrigin: 4, perKey: 2 };
const stay = () => undefined;

describe('places', () => {
  it('are given to nobody once all are taken, and again when one is left', () => {
    const places = createPlaces({ ...limits, newcomers: 10, perOrigin: 10 });
    const taken = Array.from({ length: 6 }, () => places.enter('a', stay));
    expect(taken).not.toContain(null);
    expect(places.enter('b', stay)).toBeNull();
    taken[0]?.leave();
    taken[0]?.leave();
    expect(places.size).toBe(5);
    expect(places.enter('b', stay)).not.toBeNull();
    expect(places.enter('b', stay)).toBeNull();
  });

  it('are not all one origin’s', () => {
    const places = createPlaces({ ...limits, newcomers: 10 });
    for (let count = 0; count < 4; count++) expect(places.enter('a', stay)).not.toBeNull();
    expect(places.enter('a', stay)).toBeNull();
    expect(places.enter('b', stay)).not.toBeNull();
  });

  it('are not all one key’s', () => {
    const places = createPlaces(limits);
    const [one, two, three] = ['a', 'b', 'c'].map((origin) => places.enter(origin, stay));
    expect([one?.signIn(1), two?.signIn(1), three?.signIn(1)]).toEqual([true, true, false]);
    one?.leave();
    expect(three?.signIn(1)).toBe(true);
  });

  it('of who has not signed in are lost to newcomers, first by who holds most of them', () => {
    const places = createPlaces(limits);
    const left: string[] = [];
    const enter = (origin: string, name: string) => places.enter(origin, () => left.push(name));
    enter('b', 'b1');
    enter('a', 'a1');
    enter('a', 'a2')?.signIn(1);
    enter('a', 'a3');
    expect(left).toEqual([]);
    enter('c', 'c1');
    expect(left).toEqual(['a1']);
    enter('c', 'c2');
    expect(left).toEqual(['a1', 'b1']);
  });
});
