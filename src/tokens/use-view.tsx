// What a token was granted beside what it was used for, and what to make of it, in one click each: narrow it to what
// it was used for, shorten the life of one that nobody uses, or delete it.
import type { JSX } from 'preact';
import { implies, type Scope, scopeNamed } from '../scopes/scopes.ts';
import { Form } from '../web/form.tsx';
import { dateOf, RelativeTime } from '../web/parts.tsx';
import { SHORTENED_DAYS } from './reducing.ts';
import { isExpired, type Token } from './tokens.ts';
import { type Counter, NO_SCOPE, OTHERS } from './use-counts.ts';
import { enoughFor, type TokenUses } from './uses.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Watched for less time than this, a token may do more than was seen. */
const EARLY_DAYS = 14;

export interface TokenUseProps {
  readonly token: Token;
  readonly uses: TokenUses;
  readonly now: number;
}

export function TokenUse({ token, uses, now }: TokenUseProps): JSX.Element {
  const isUnused = uses.scopes.length === 0;
  return (
    <section class="token-uses" aria-labelledby="uses">
      <h2 id="uses">What it is used for</h2>
      <p class="muted">{introOf(uses, now)}</p>
      <table class="uses-table">
        <caption class="sr-only">Scopes, granted and used</caption>
        <thead>
          <tr>
            <th scope="col">Granted</th>
            <th scope="col">Used</th>
          </tr>
        </thead>
        <tbody>
          {token.scopes.map((scope) => (
            <ScopeRow key={scope} scope={scope} uses={uses} />
          ))}
          <NoScopeRow hasScopes={token.scopes.length > 0} uses={uses} />
        </tbody>
      </table>
      {!isUnused && (
        <div class="uses-lists">
          <CounterList title="From" counters={uses.addresses} />
          <CounterList title="By" counters={uses.clients} />
        </div>
      )}
      {!isExpired(token.expiresAt, now) && <Offers token={token} uses={uses} now={now} />}
    </section>
  );
}

function introOf(uses: TokenUses, now: number): string {
  const days = Math.floor((now - uses.since) / DAY_MS);
  const seen = uses.scopes.length === 0 ? 'It was not used' : 'Uses are counted';
  if (days >= EARLY_DAYS) return `${seen} in the last ${days} days, since ${dateOf(uses.since)}.`;
  const time = days === 0 ? 'less than a day' : days === 1 ? 'one day' : `${days} days`;
  return (
    `${uses.scopes.length === 0 ? 'It was not used so far' : 'Uses are counted'}, but it was watched for ${time} ` +
    'only, which is too early to say: what happens once a month may be still to come.'
  );
}

function ScopeRow({ scope, uses }: { readonly scope: Scope; readonly uses: TokenUses }): JSX.Element {
  const covered = uses.scopes.filter(({ name }) => {
    const used = scopeNamed(name);
    return used !== undefined && implies(scope, used);
  });
  return (
    <tr>
      <th scope="row">
        <code>{scope}</code>
      </th>
      <td>
        {covered.length === 0 ? (
          <span class="muted">not used</span>
        ) : (
          covered.map(({ name, ...counter }) => (
            <div key={name}>
              {name !== scope && (
                <>
                  <code>{name}</code> would do:{' '}
                </>
              )}
              <CountOf {...counter} />
            </div>
          ))
        )}
      </td>
    </tr>
  );
}

function NoScopeRow(props: { readonly hasScopes: boolean; readonly uses: TokenUses }): JSX.Element | null {
  const counter = props.uses.scopes.find(({ name }) => name === NO_SCOPE);
  if (counter === undefined && props.hasScopes) return null;
  return (
    <tr>
      <th scope="row">no scope needed</th>
      <td>{counter === undefined ? <span class="muted">not used</span> : <CountOf {...counter} />}</td>
    </tr>
  );
}

function CountOf({ uses, lastUsedAt }: Omit<Counter, 'name'>): JSX.Element {
  return (
    <>
      {uses === 1 ? 'once' : `${uses} times`}, last <RelativeTime at={lastUsedAt} />
    </>
  );
}

function CounterList(props: { readonly title: string; readonly counters: readonly Counter[] }): JSX.Element {
  return (
    <div>
      <h3>{props.title}</h3>
      <ul>
        {props.counters.map(({ name, ...counter }) => (
          <li key={name}>
            <code>{name === OTHERS ? 'others' : name}</code> <CountOf {...counter} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Offers({ token, uses, now }: TokenUseProps): JSX.Element | null {
  const enough = enoughFor(uses, token.scopes);
  const isNarrower = enough !== null && enough.join() !== token.scopes.join();
  const ends = now + SHORTENED_DAYS * DAY_MS;
  const mayShorten = enough === null && (token.expiresAt === null || token.expiresAt > ends);
  const path = `/settings/tokens/${token.id}`;
  return (
    <div class="uses-offers">
      {isNarrower && (
        <Form action={`${path}/narrow`}>
          {enough.map((scope) => (
            <input key={scope} type="hidden" name="scopes" value={scope} />
          ))}
          <button type="submit" class="btn">
            Narrow to what was used: {enough.length === 0 ? 'no scopes' : enough.join(', ')}
          </button>
        </Form>
      )}
      {mayShorten && (
        <Form action={`${path}/shorten`}>
          <button type="submit" class="btn">
            Let it expire in {SHORTENED_DAYS} days
          </button>
        </Form>
      )}
      <Form action={`${path}/delete`}>
        <button type="submit" class="btn btn-danger">
          Delete this token
        </button>
      </Form>
    </div>
  );
}
