// Making a repository.
import type { FastifyReply } from 'fastify';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { Form, FormProblems } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { repositoryPath } from './addresses.ts';
import {
  blankFields,
  type NewRepositoryFields,
  type NewRepositoryFor,
  newRepositoryFor,
  ownerInQuery,
  ownersFor,
  RepositoryFields,
  readFields,
} from './new-repository.tsx';
import { createRepository } from './repositories.ts';

type CreateCall = Call<NewRepositoryFor, RouteSchema>;

export function createPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/new',
    action: 'repositories.create',
    target: (request, actor) =>
      newRepositoryFor(ctx, actor, { owner: ownerInQuery(request.query), visibility: 'private' }),
    handler: (call: CreateCall) =>
      sendForm(ctx, call, { ...blankFields, owner: ownerInQuery(call.request.query) }, []),
  });

  routes.route({
    method: 'POST',
    url: '/new',
    action: 'repositories.create',
    targetInBody: true,
    target: (request, actor) => newRepositoryFor(ctx, actor, readFields(submitted(request))),
    async handler(call: CreateCall) {
      const fields = readFields(submitted(call.request));
      const { owner } = call.target;
      if (owner === null) return call.refuse({ because: 'unauthenticated' });
      const outcome = await createRepository(call.ctx, { ...fields, owner });
      if (!outcome.ok) return sendForm(ctx, call, fields, outcome.problems);
      return call.reply.redirect(repositoryPath(outcome.value), 303);
    },
  });
}

async function sendForm(
  ctx: Context,
  call: CreateCall,
  fields: NewRepositoryFields,
  problems: readonly Problem[],
): Promise<FastifyReply> {
  const owners = await ownersFor(ctx, call);
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
        <FormProblems problems={problems} fields={['owner', 'name', 'description']} />
        <RepositoryFields fields={fields} problems={problems} owners={owners} />
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
