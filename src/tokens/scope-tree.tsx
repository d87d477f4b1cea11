// The tree of scopes as nested checkboxes. A ticked parent stands for its children; a script shows that, and the
// server's normal form makes it so (ghes-spec 1.2, 4.2).
import type { JSX } from 'preact';
import {
  allScopes,
  childrenOf,
  describeScope,
  isIdle,
  normalForm,
  parentOf,
  type Scope,
  type Scopes,
  scopeNamed,
} from '../scopes/scopes.ts';
import { type FormFields, listOf } from '../web/forms.ts';
import { Label } from '../web/parts.tsx';

/** The ticked scopes in normal form. Names that are none of ours can't come from the form and are left out. */
export function submittedScopes(fields: FormFields): Scopes {
  return normalForm(listOf(fields, 'scopes').flatMap((name) => scopeNamed(name) ?? []));
}

export interface ScopeTreeProps {
  readonly ticked: Scopes;
}

export function ScopeTree({ ticked }: ScopeTreeProps): JSX.Element {
  return (
    <fieldset class="scopes">
      <legend>Select scopes</legend>
      <p class="muted">
        Scopes say what the token may do; it can never do more than you can. Without any, it reads what is
        public. <strong>To clone and push on the command line, tick repo.</strong>
      </p>
      <ul class="scope-tree Box">
        {allScopes
          .filter((scope) => parentOf(scope) === undefined)
          .map((scope) => (
            <ScopeRow key={scope} scope={scope} ticked={ticked} />
          ))}
      </ul>
      <p class="field-help">
        Scopes marked <em>idle</em> open nothing in Latchkey yet. They are kept with the token for programs
        that look for them.
      </p>
    </fieldset>
  );
}

function ScopeRow({ scope, ticked }: ScopeTreeProps & { readonly scope: Scope }): JSX.Element {
  const id = `scope-${scope.replace(':', '-')}`;
  const children = childrenOf(scope);
  return (
    <li>
      <div class="scope">
        <input
          type="checkbox"
          id={id}
          name="scopes"
          value={scope}
          checked={ticked.includes(scope)}
          aria-describedby={`${id}-grants`}
        />
        <label for={id}>{scope}</label>
        <span class="scope-grants" id={`${id}-grants`}>
          {describeScope(scope)}
          {isIdle(scope) && (
            <>
              {' '}
              <Label>idle</Label>
            </>
          )}
        </span>
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <ScopeRow key={child} scope={child} ticked={ticked} />
          ))}
        </ul>
      )}
    </li>
  );
}
