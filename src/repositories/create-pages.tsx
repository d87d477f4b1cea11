// Making a repository.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import { accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { Checkbox, Field, Form, FormProblems } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { usePage } from '../web/page-context.ts';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { repositoryPath } from './addresses.ts';
import { createRepository } from './repositories.ts';

type CreateCall = Call<NewRepositoryTarget, RouteSchema>;

/** What was typed about a repository to be. */
export interface NewRepositoryFields {
  readonly name: string;
  readonly description: string;
  readonly visibility: Visibility;
}

export function createPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/new',
    action: 'repositories.create',
    target: (_request, actor) => newRepositoryOf(accountId(actor), 'private'),
    handler: (call: CreateCall) => sendForm(call, blankFields, []),
  });

  routes.route({
    method: 'POST',
    url: '/new',
    action: 'repositories.create',
    targetInBody: true,
    target: (request, actor) => newRepositoryOf(accountId(actor), visibilityIn(submitted(request))),
    async handler(call: CreateCall) {
      const fields = readFields(submitted(call.request));
      if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const outcome = await createRepository(ctx, { owner: call.actor.account, ...fields });
      if (!outcome.ok) return sendForm(call, fields, outcome.problems);
      return call.reply.redirect(repositoryPath(outcome.value), 303);
    },
  });
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

function sendForm(call: CreateCall, fields: NewRepositoryFields, problems: readonly Problem[]): FastifyReply {
  return renderPage(
    call,
    { title: 'New repository', ...(problems.length > 0 ? { status: 422 } : {}) },
    <div class="repo-settings">
      <Heading>Create a new repository</Heading>
      <p>
        A repository holds a project's files and their history. Is it somewhere else already?{' '}
        <a href="/new/import">Import a repository</a>.
      </p>
      <Form action="/new">
        <FormProblems problems={problems} fields={['name', 'description']} />
        <RepositoryFields fields={fields} problems={problems} />
        <div class="form-actions">
          <button type="submit" class="btn btn-primary">
            Create repository
          </button>
          <a class="btn" href="/">
            Cancel
          </a>
        </div>
      </Form>
    </div>,
  );
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
