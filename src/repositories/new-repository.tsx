// What every form asks of a repository to be, whether it is made empty or imported.
import type { JSX } from 'preact';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import type { Problem } from '../problems.ts';
import { Checkbox, Field } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { usePage } from '../web/page-context.ts';

/** What was typed about a repository to be. */
export interface NewRepositoryFields {
  readonly name: string;
  readonly description: string;
  readonly visibility: Visibility;
}

/** Strangers get the target of nobody: the decision then is that they must sign in. */
export function newRepositoryOf(account: number | null, visibility: Visibility): NewRepositoryTarget {
  return { kind: 'new-repository', accountId: account ?? 0, visibility };
}

export const blankFields: NewRepositoryFields = { name: '', description: '', visibility: 'private' };

export function visibilityIn(fields: FormFields): Visibility {
  return textOf(fields, 'visibility') === 'public' ? 'public' : 'private';
}

export function readFields(fields: FormFields): NewRepositoryFields {
  return {
    name: textOf(fields, 'name').trim(),
    description: textOf(fields, 'description'),
    visibility: visibilityIn(fields),
  };
}

interface FormProps {
  readonly fields: NewRepositoryFields;
  readonly problems: readonly Problem[];
}

/** Name, description and visibility: what every new repository has. */
export function RepositoryFields({ fields, problems }: FormProps): JSX.Element {
  const { account } = usePage();
  return (
    <>
      <p>
        Owner: <strong>{account?.login}</strong>
      </p>
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
