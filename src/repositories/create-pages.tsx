// Making a repository.
import type { FastifyReply } from 'fastify';
import { accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import type { NewRepositoryTarget } from '../access/targets.ts';
import type { Problem } from '../problems.ts';
import { Form, FormProblems } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { repositoryPath } from './addresses.ts';
import {
  blankFields,
  type NewRepositoryFields,
  newRepositoryOf,
  RepositoryFields,
  readFields,
  visibilityIn,
} from './new-repository.tsx';
import { createRepository } from './repositories.ts';

type CreateCall = Call<NewRepositoryTarget, RouteSchema>;

export function createPages(routes: GuardedRoutes): void {
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
      const outcome = await createRepository(call.ctx, { owner: call.actor.account, ...fields });
      if (!outcome.ok) return sendForm(call, fields, outcome.problems);
      return call.reply.redirect(repositoryPath(outcome.value), 303);
    },
  });
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
