// The documentation of the API that the server itself gives: what `documentation_url` of every error leads to. It is
// made from the registered routes, the table of actions and the registry of errors, so it can't fall behind.
import type { JSX } from 'preact';
import { actions } from '../access/actions.ts';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { renderPage } from '../web/page.tsx';
import { usePage } from '../web/page-context.ts';
import { Heading } from '../web/parts.tsx';
import { apiErrors } from './errors.ts';
import { apiVersion, enterpriseVersion } from './headers.ts';
import { apiRoot } from './urls.ts';
import type { Operation } from './way.ts';

export function documentationPages(routes: GuardedRoutes, operations: readonly Operation[]): void {
  routes.route({
    method: 'GET',
    url: '/docs/rest',
    action: 'meta.read',
    target: () => instance,
    handler: (call) => renderPage(call, { title: 'REST API' }, <RestDocumentation operations={operations} />),
  });
}

function RestDocumentation({ operations }: { readonly operations: readonly Operation[] }): JSX.Element {
  const { url } = usePage();
  const root = apiRoot({ url });
  return (
    <>
      <Heading>REST API</Heading>
      <div class="markdown-body">
        <p>
          The API answers at <code>{root}</code> as that of GitHub Enterprise Server {enterpriseVersion} does,
          in version <code>{apiVersion}</code>. A client made for it needs only this address.
        </p>
        <p>
          <code>{`curl --header @- ${root}/user <<< "Authorization: Bearer $TOKEN"`}</code>
        </p>
        <p>
          Make a token under <a href="/settings/tokens">Personal access tokens</a>. It is also taken with the
          scheme <code>token</code>, and as the password or the user name of <code>Basic</code>; never in the
          address. The header <code>X-OAuth-Scopes</code> of every answer says which scopes the token has, and{' '}
          <code>X-Accepted-OAuth-Scopes</code> which ones the operation takes, any one of them.
        </p>
        <h2 id="operations">Operations</h2>
        <p>
          What lies under <code>/repos/{'{owner}/{repo}'}</code> is found under{' '}
          <code>/repositories/{'{id}'}</code> too, which stays the same when a repository is renamed.
        </p>
        <Operations operations={operations} />
        <h2 id="errors">Errors</h2>
        <Errors />
        <h2 id="moved">Moved repositories</h2>
        <p>
          A repository that was renamed answers at its former name with <code>301</code>, or <code>307</code>{' '}
          where the request would change something, and its lasting address in <code>Location</code>.
        </p>
      </div>
    </>
  );
}

function Operations({ operations }: { readonly operations: readonly Operation[] }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on small screens it scrolls, and keyboards must reach that
    <table tabIndex={0} aria-labelledby="operations">
      <thead>
        <tr>
          <th scope="col">Operation</th>
          <th scope="col">Scope, public</th>
          <th scope="col">Scope, private</th>
        </tr>
      </thead>
      <tbody>
        {operations
          .filter(({ path }) => !path.startsWith('/repositories/{id}'))
          .map(({ method, path, action }) => {
            const { scopes, on } = actions[action];
            const needed = scopes === 'session-only' ? { public: [], private: [] } : scopes;
            return (
              <tr key={`${method} ${path}`}>
                <td>
                  <code>{`${method} ${path}`}</code>
                </td>
                {on === 'application' ? (
                  <td colSpan={2}>no token: the application's client ID and secret</td>
                ) : (
                  <>
                    <td>
                      <ScopeList scopes={needed.public} />
                    </td>
                    <td>
                      <ScopeList scopes={needed.private} />
                    </td>
                  </>
                )}
              </tr>
            );
          })}
      </tbody>
    </table>
  );
}

function ScopeList({ scopes }: { readonly scopes: Scopes }): JSX.Element {
  if (scopes.length === 0) return <>none</>;
  return <code>{scopes.join(', ')}</code>;
}

function Errors(): JSX.Element {
  return (
    <dl>
      {Object.entries(apiErrors).map(([name, { status, message, means }]) => (
        <div key={name} id={name}>
          <dt>
            <code>{`${status} ${message}`}</code>
          </dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  );
}
