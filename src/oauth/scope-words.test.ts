import { expect, it } from 'vitest';
import { allScopes, describeScope, isIdle } from '../scopes/scopes.ts';
import { scopeWords } from './scope-words.ts';

it('Every scope that opens something is told in words of its own to who is asked to grant it', () => {
  const bare = allScopes.filter(
    (scope) => !isIdle(scope) && scopeWords(scope) === `${describeScope(scope)}.`,
  );
  expect(bare, 'to be given words in scope-words.ts').toEqual([]);
});
