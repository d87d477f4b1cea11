import { expect, it } from 'vitest';
import { actionNames, actions } from '../access/actions.ts';
import { allScopes, implies, isIdle } from './scopes.ts';

it('calls a scope idle exactly as long as no action asks for it, or for one that it implies', () => {
  const asked = actionNames.flatMap((name) => {
    const { scopes } = actions[name];
    return scopes === 'session-only' ? [] : [...scopes.public, ...scopes.private];
  });
  const idle = allScopes.filter((scope) => !asked.some((wanted) => implies(scope, wanted)));
  expect(allScopes.filter(isIdle)).toEqual(idle);
});
