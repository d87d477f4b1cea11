// The same question as `decide`, asked as a condition on rows, so that lists can page and count in the database
// without fetching what may not be seen. Written from the same table; a property test holds the two together.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { satisfies } from '../scopes/scopes.ts';
import { type ActionOn, actions, type RepositoryRole, repositoryRoles } from './actions.ts';
import type { Actor } from './actor.ts';
import type { Visibility } from './targets.ts';

type Where = (eb: ExpressionBuilder<Schema, 'repositories'>) => Expression<SqlBool>;

const never: Where = () => sql<SqlBool>`1 = 0`;

/**
 * The condition under which a row of `repositories` is one to which the action is allowed for this caller:
 * `query.where(visible(actor, 'repositories.read'))`.
 */
export function visible(actor: Actor, action: ActionOn<'repository'>): Where {
  const { role } = actions[action];
  // What the token can't read, it can't touch either.
  const visibilities = (['public', 'private'] as const).filter(
    (visibility) => opens(actor, action, visibility) && opens(actor, 'repositories.read', visibility),
  );
  if (visibilities.length === 0) return never;
  const roles = repositoryRoles.slice(repositoryRoles.indexOf(role as RepositoryRole));

  return (eb) => {
    const standing: Expression<SqlBool>[] = [];
    if (role === 'read') standing.push(eb('repositories.visibility', '=', 'public'));
    if (actor.kind === 'user') {
      standing.push(eb('repositories.owner_id', '=', actor.account.id));
      standing.push(
        eb.exists(
          eb
            .selectFrom('collaborators')
            .select('collaborators.role')
            .whereRef('collaborators.repository_id', '=', 'repositories.id')
            .where('collaborators.account_id', '=', actor.account.id)
            .where('collaborators.role', 'in', roles),
        ),
      );
    }
    if (standing.length === 0) return never(eb);
    return eb.and([eb('repositories.visibility', 'in', visibilities), eb.or(standing)]);
  };
}

/** Does the credential open the action on repositories of this visibility? */
function opens(actor: Actor, action: ActionOn<'repository'>, visibility: Visibility): boolean {
  if (actor.kind === 'user' && actor.grant.kind === 'session') return true;
  const { scopes } = actions[action];
  if (scopes === 'session-only') return false;
  const accepted = scopes[visibility];
  if (accepted.length === 0) return true;
  return actor.kind === 'user' && actor.grant.kind === 'scopes' && satisfies(actor.grant.scopes, accepted);
}
