// The translator of refusals into git's words (ghes-spec 10). What matters to clients: 401 makes git forget the
// credential and ask for another, 403 makes it keep the credential, so a dead token is never a 403, and a good one
// with too few rights never a 401 (ghes-spec 11).
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../access/actor.ts';
import type { Refusal } from '../access/denied.ts';
import type { Config } from '../config/config.ts';
import { challenge, type Words } from './answers.ts';
import { scopeAdvice } from './scope-advice.ts';

/** The same for a private repository and for one that does not exist: nobody can tell them apart. */
const whoAreYou: Words = { status: 401, text: 'Authentication required.', headers: challenge };

export function refusalWords(refusal: Refusal, request: FastifyRequest, config: Pick<Config, 'url'>): Words {
  // Null when the credential itself was refused.
  const actor = request.actor as Actor | null;
  switch (refusal.because) {
    case 'bad-credential':
      return { status: 401, text: 'Invalid username or password.', headers: challenge };
    case 'too-many-attempts':
      // Not the API's 403: git would keep the dead credential, and go on offering it (ghes-spec 11).
      return {
        status: 401,
        text: 'Maximum number of login attempts exceeded. Please try again later.',
        headers: challenge,
      };
    case 'not-a-token':
      return {
        status: 401,
        text: [
          'Password authentication is not available for Git operations.',
          'You must use a personal access token or SSH key.',
          `See ${config.url}/settings/tokens or ${config.url}/settings/ssh`,
        ].join('\n'),
        headers: challenge,
      };
    case 'credential-in-url':
      return { status: 400, text: 'A token in the URL is not accepted: give it as the password.' };
    case 'suspended':
      return {
        status: 403,
        text: 'Your account is suspended. Please contact the administrator of this server.',
      };
    case 'token-lives-too-long':
      return {
        status: 403,
        text: [
          `This instance forbids personal access tokens that live longer than ${refusal.maxDays} ${refusal.maxDays === 1 ? 'day' : 'days'}.`,
          `Please adjust the token's lifetime: ${config.url}/settings/tokens/${refusal.tokenId}`,
        ].join('\n'),
      };
    case 'unauthenticated':
      return whoAreYou;
    case 'invisible':
      return actor?.kind === 'user' ? { status: 404, text: 'Repository not found.' } : whoAreYou;
    case 'role-missing':
    case 'session-required':
    case 'sudo-required':
      return { status: 403, text: denied(request, actor) };
    case 'scope-missing': {
      const advice = scopeAdvice(config, actor, refusal.accepted);
      return { status: 403, text: [denied(request, actor), ...advice].join('\n') };
    }
    case 'organization-forbids-tokens':
      return {
        status: 403,
        text: 'Personal access tokens (classic) are forbidden from accessing this repository.',
      };
  }
}

function denied(request: FastifyRequest, actor: Actor | null): string {
  const login = actor?.kind === 'user' ? actor.account.login : 'anonymous';
  return `Permission to ${repositoryName(request)}.git denied to ${login}.`;
}

/** `owner/name` as asked for. It is only said of a repository that the caller sees, so it is a proper name. */
function repositoryName(request: FastifyRequest): string {
  const { owner = '', repo = '' } = request.params as { readonly owner?: string; readonly repo?: string };
  return `${owner}/${repo.replace(/\.git$/i, '')}`;
}
