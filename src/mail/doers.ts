// Who did what a notice tells of, when, and from where: so that its reader knows whether it was themselves.
import { browserName } from '../accounts/browsers.ts';
import type { Acting, Doer } from '../context.ts';
import { type Fact, instantText } from './letters.ts';

export function doneBy(ctx: Acting): readonly Fact[] {
  const { by } = ctx;
  return [
    ['By', doerName(by)],
    ['At', instantText(ctx.now())],
    ...(by.address === null ? [] : [['From', `${by.address}, ${browserName(by.userAgent ?? '')}`] as const]),
  ];
}

function doerName({ account, credential }: Doer): string {
  if (account === null) {
    if (credential.kind === 'application') return `the application ${credential.name}`;
    return credential.kind === 'operator' ? 'an operator, at the command line of the server' : 'Latchkey';
  }
  return credential.kind === 'token' ? `${account.login}, by a personal access token` : account.login;
}
