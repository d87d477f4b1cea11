// What every form asks of a repository to be, whether it is made empty or imported.
import type { JSX } from 'preact';
import type { Actor } from '../access/actor.ts';
import type { Call, RouteSchema } from '../access/guard.ts';
import { type NewRepositoryTarget, type Visibility, visibilities } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { listOrganizationsOf, newRepositoryIn } from '../organizations/organizations.ts';
import type { Problem } from '../problems.ts';
import { Checkbox, Field, Select } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { findNewOwner } from './owning.ts';

/** What was typed about a repository to be. */
export interface NewRepositoryFields {
  /** Whose it is to be; empty: the person's own. */
  readonly owner: string;
  readonly name: string;
  readonly description: string;
  readonly visibility: Visibility;
}

/** Strangers get the target of nobody: the decision then is that they must sign in. */
export function newRepositoryOf(account: number | null, visibility: Visibility): NewRepositoryTarget {
  return { kind: 'new-repository', accountId: account ?? 0, visibility };
}

/** What is to be made, and for whom. */
export type NewRepositoryFor = NewRepositoryTarget & { readonly owner: NewOwner | null };

interface NewOwner {
  readonly id: number;
  readonly login: string;
}

/** What the form, or before it the address by `?owner=`, asks for. Null: nobody has this name. */
export async function newRepositoryFor(
  ctx: Context,
  actor: Actor,
  { owner, visibility }: Pick<NewRepositoryFields, 'owner' | 'visibility'>,
): Promise<NewRepositoryFor | null> {
  const self = actor.kind === 'user' ? actor.account : null;
  if (owner === '' || owner.toLowerCase() === self?.login.toLowerCase()) {
    return { ...newRepositoryOf(self?.id ?? null, visibility), owner: self };
  }
  const found = await findNewOwner(ctx, actor, owner, visibility);
  return found === null ? null : { ...found.target, owner: found.owner };
}

/** `?owner=`, by which an organisation's page leads to the form. */
export function ownerInQuery(query: unknown): string {
  const { owner } = query as { readonly owner?: unknown };
  return typeof owner === 'string' ? owner : '';
}

/** Organisations beyond these are typed into the address. */
const MAX_OWNERS = 100;

/** In whose names the caller may make repositories. */
export async function ownersFor(
  ctx: Context,
  { actor, ask }: Pick<Call<unknown, RouteSchema>, 'actor' | 'ask'>,
): Promise<readonly string[]> {
  if (actor.kind !== 'user') return [];
  const all = { page: 1, perPage: MAX_OWNERS };
  const { items } = await listOrganizationsOf(ctx, actor, actor.account.id, all);
  const open = items.filter(({ organization, role }) => {
    const found = { kind: 'organization', organizationId: organization.id, role, organization } as const;
    return ask(actor, 'repositories.create', newRepositoryIn(found, 'private')).allowed;
  });
  return [actor.account.login, ...open.map(({ organization }) => organization.login)];
}

export const blankFields: NewRepositoryFields = {
  owner: '',
  name: '',
  description: '',
  visibility: 'private',
};

function visibilityIn(fields: FormFields): Visibility {
  return visibilities.find((each) => each === textOf(fields, 'visibility')) ?? 'private';
}

export function readFields(fields: FormFields): NewRepositoryFields {
  return {
    owner: textOf(fields, 'owner'),
    name: textOf(fields, 'name').trim(),
    description: textOf(fields, 'description'),
    visibility: visibilityIn(fields),
  };
}

interface FormProps {
  readonly fields: NewRepositoryFields;
  readonly problems: readonly Problem[];
  /** In whose names it may be made, the person's own first. */
  readonly owners: readonly string[];
}

/** Owner, name, description and visibility: what every new repository has. */
export function RepositoryFields({ fields, problems, owners }: FormProps): JSX.Element {
  return (
    <>
      {owners.length > 1 ? (
        <Select
          name="owner"
          label="Owner"
          value={fields.owner}
          problems={problems}
          options={owners.map((login) => ({ value: login, label: login }))}
        />
      ) : (
        <p>
          Owner: <strong>{owners[0]}</strong>
        </p>
      )}
      <Field
        name="name"
        label="Repository name"
        value={fields.name}
        problems={problems}
        required
        maxLength={100}
        spellcheck={false}
        autocomplete="off"
        help="Letters, digits, hyphens, underscores and dots."
      />
      <Field
        name="description"
        label="Description"
        value={fields.description}
        problems={problems}
        autocomplete="off"
        help="Optional."
      />
      <fieldset class="field">
        <legend>Visibility</legend>
        <Checkbox
          type="radio"
          name="visibility"
          value="public"
          label="Public"
          checked={fields.visibility === 'public'}
          help="Everybody who can reach this server may read it. You choose who may push."
        />
        {(owners.length > 1 || fields.visibility === 'internal') && (
          <Checkbox
            type="radio"
            name="visibility"
            value="internal"
            label="Internal"
            checked={fields.visibility === 'internal'}
            help="Everybody who has an account here may read it. For organizations only."
          />
        )}
        <Checkbox
          type="radio"
          name="visibility"
          value="private"
          label="Private"
          checked={fields.visibility === 'private'}
          help="You choose who may read it and who may push."
        />
      </fieldset>
    </>
  );
}
