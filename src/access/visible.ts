// The same question as `decide`, asked as a condition on rows, so that lists can page and count in the database
// without fetching what may not be seen. Written from the same table; a property test holds the two together. What is
// shown of a list is told as a use of the token whose scope opened it, by the one function through which all lists go.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { satisfies } from '../scopes/scopes.ts';
import { type Action, type ActionOn, actions, type RepositoryRole } from './actions.ts';
import { type Actor, accountId, personalToken } from './actor.ts';
import type { decide } from './decide.ts';
import { rankOf, standingRank } from './standing.ts';
import { type TargetOf, type Visibility, visibilities } from './targets.ts';

export type Where = (eb: ExpressionBuilder<Schema, 'repositories'>) => Expression<SqlBool>;

const never: Where = () => sql<SqlBool>`1 = 0`;

/** Who asks for a list, as a route's handler knows them: `call`. */
export interface Asker {
  readonly actor: Actor;
  /** The decision, which tells what a token was used for. */
  readonly ask: typeof decide;
}

/**
 * Lists repositories to which the action is allowed for this caller, who has a session or a token.
 * @param list makes the list, with the condition in its SQL: `query.where(where)`
 */
export async function listVisible<T extends { readonly items: readonly TargetOf<'repository'>[] }>(
  { actor, ask }: Asker,
  action: ActionOn<'repository'>,
  list: (where: Where) => Promise<T>,
): Promise<T> {
  const listed = await list(visible(actor, action));
  for (const target of listed.items) ask(actor, action, target);
  return listed;
}

/** The condition under which a row of `repositories` is one to which the action is allowed. */
function visible(actor: Actor, name: ActionOn<'repository'>): Where {
  const action = actions[name];
  const seeing = action.seesItself === true ? action : actions['repositories.read'];
  // What the credential can't see, it can't touch either.
  const opened = visibilities.filter(
    (visibility) => opens(actor, action, visibility) && opens(actor, seeing, visibility),
  );
  if (opened.length === 0 || lacksSudo(actor, action)) return never;
  const needed = rankOf(action.role as RepositoryRole);
  const account = accountId(actor) ?? 0;

  return (eb) => {
    const standing: Expression<SqlBool>[] = [];
    if (action.role === 'read') standing.push(eb('repositories.visibility', '=', 'public'));
    if (account !== 0) standing.push(sql<SqlBool>`${standingRank(account)} >= ${sql.lit(needed)}`);
    if (standing.length === 0) return never(eb);
    const conditions = [eb('repositories.visibility', 'in', opened), eb.or(standing)];
    if (personalToken(actor) !== null) {
      conditions.push(
        eb.or([
          ...(action.role === 'read' ? [eb('repositories.visibility', '=', 'public')] : []),
          eb.not(
            eb.exists(
              eb
                .selectFrom('organizations')
                .select('organizations.account_id')
                .whereRef('organizations.account_id', '=', 'repositories.owner_id')
                .where('organizations.allows_classic_tokens', '=', 0),
            ),
          ),
        ]),
      );
    }
    return eb.and(conditions);
  };
}

/**
 * The condition under which a row of `organizations` is one whose own things the caller's credential may list, the
 * caller's standing aside: lists of organisations start from the memberships of one account.
 */
export function letsIn(actor: Actor): Expression<SqlBool> {
  return personalToken(actor) !== null
    ? sql<SqlBool>`organizations.allows_classic_tokens = 1`
    : sql<SqlBool>`1 = 1`;
}

/** Does the credential open the action on repositories of this visibility? */
function opens(actor: Actor, action: Action, visibility: Visibility): boolean {
  if (actor.kind === 'deploy-key' || actor.kind === 'application') return false;
  if (actor.kind === 'user' && actor.grant.kind === 'session') return true;
  if (actor.kind === 'user' && actor.grant.kind === 'key') return false;
  const { scopes } = action;
  if (scopes === 'session-only') return false;
  const accepted = visibility === 'public' ? scopes.public : scopes.private;
  if (accepted.length === 0) return true;
  return actor.kind === 'user' && actor.grant.kind === 'scopes' && satisfies(actor.grant.scopes, accepted);
}

function lacksSudo(actor: Actor, action: Action): boolean {
  return action.sudo === true && actor.kind === 'user' && actor.grant.kind === 'session' && !actor.grant.sudo;
}
