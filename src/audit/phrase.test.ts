// The search phrase of the security log: what it means, and what is told when it means nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { parsePhrase } from './phrase.ts';

const DAY = 24 * 60 * 60_000;
const groups = (text: string) => valueIn(parsePhrase(text)).groups;
const message = (text: string) => {
  const outcome = parsePhrase(text);
  return outcome.ok ? '' : outcome.problems.map((problem) => problem.message).join(' ');
};

describe('A search phrase', () => {
  it('that is empty asks for nothing', () => {
    expect(valueIn(parsePhrase('  '))).toEqual({ groups: [], excluded: [] });
  });

  it('takes terms of one kind for alternatives, and words one by one', () => {
    expect(groups('action:repo laptop action:team "two words"')).toEqual([
      [
        { kind: 'action', pattern: 'repo' },
        { kind: 'action', pattern: 'team' },
      ],
      [{ kind: 'word', text: 'laptop' }],
      [{ kind: 'word', text: 'two words' }],
    ]);
  });

  it('excludes what has a minus, and takes a lone minus for a word', () => {
    expect(valueIn(parsePhrase('-actor:@Mona -'))).toEqual({
      groups: [[{ kind: 'word', text: '-' }]],
      excluded: [{ kind: 'actor', login: 'mona' }],
    });
  });

  it.each([
    ['created:2026-01-31', Date.UTC(2026, 0, 31), Date.UTC(2026, 0, 31) + DAY],
    ['created:>=2026-01-31', Date.UTC(2026, 0, 31), null],
    ['created:>2026-01-31', Date.UTC(2026, 1, 1), null],
    ['created:<2026-01-31', null, Date.UTC(2026, 0, 31)],
    ['created:<=2026-01-31', null, Date.UTC(2026, 1, 1)],
    ['created:2026-01-01..2026-02-01', Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 2)],
    ['created:*..2026-02-01', null, Date.UTC(2026, 1, 2)],
    ['created:2026-01-01..*', Date.UTC(2026, 0, 1), null],
    ['created:>=2026-01-01T10:00:00+02:00', Date.UTC(2026, 0, 1, 8), null],
  ])('%s means these instants', (text, from, until) => {
    expect(groups(text)).toEqual([[{ kind: 'created', from, until }]]);
  });

  it('finds a hash with and without its padding, and asks for its quotes', () => {
    const hash = new Uint8Array(32).fill(7);
    const base64 = Buffer.from(hash).toString('base64');
    for (const text of [base64, base64.replace('=', '')]) {
      expect(groups(`hashed_token:"${text}"`)).toEqual([[{ kind: 'hashed_token', hash: Buffer.from(hash) }]]);
    }
    expect(message(`hashed_token:${base64}`)).toContain('quotes');
    expect(message('hashed_token:"abc"')).toContain('SHA-256');
  });

  it.each([
    ['colour:red', 'no search term colour'],
    ['action:', 'needs a value'],
    ['created:yesterday', 'needs a date'],
    ['created:2026-02-30', 'needs a date'],
    ['created:2026-01-01..x', 'needs a date'],
    ['operation:destroy', 'no operation destroy'],
    ['""', 'Empty quotes'],
    ['x'.repeat(1025), '1024 characters'],
    ['a '.repeat(33), '32 terms'],
  ])('%s is refused in words', (text, words) => {
    expect(message(text)).toContain(words);
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
        parsePhrase(text);
        parsePhrase(`created:${text} hashed_token:"${text}" -action:${text}`);
      }),
    );
  });
});
