// Importing a repository from elsewhere, with its progress on a page that reloads itself.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import { Type } from 'typebox';
import { accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import type { NewRepositoryTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { repositoryPath } from '../repositories/addresses.ts';
import {
  blankFields,
  type NewRepositoryFields,
  type NewRepositoryFor,
  newRepositoryFor,
  newRepositoryOf,
  ownerInQuery,
  ownersFor,
  RepositoryFields,
  readFields,
} from '../repositories/new-repository.tsx';
import { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading, Notice } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { createImportJobs, type ImportEnd, type ImportJob } from './jobs.ts';
import type { ImportProgress } from './progress.ts';

type ImportCall = Call<NewRepositoryFor, RouteSchema>;
type JobCall = Call<NewRepositoryTarget & { readonly job: ImportJob | null }, RouteSchema>;

interface ImportFields extends NewRepositoryFields {
  readonly source: string;
  readonly username: string;
}

/** What is refused at once, such as an address that is none, is told on the form itself. */
const PATIENCE_MS = 1500;
const RELOAD_SECONDS = 2;

const blank: ImportFields = { ...blankFields, source: '', username: '' };

/** @returns what ends the imports under way, when the server stops */
export function importPages(routes: GuardedRoutes, ctx: Context): () => Promise<void> {
  const jobs = createImportJobs(ctx);
  routes.route({
    method: 'GET',
    url: '/new/import',
    action: 'repositories.import',
    target: (request, actor) =>
      newRepositoryFor(ctx, actor, { owner: ownerInQuery(request.query), visibility: 'private' }),
    handler: (call: ImportCall) =>
      sendForm(ctx, call, { ...blank, owner: ownerInQuery(call.request.query) }, []),
  });

  routes.route({
    method: 'POST',
    url: '/new/import',
    action: 'repositories.import',
    targetInBody: true,
    target: (request, actor) => newRepositoryFor(ctx, actor, readFields(submitted(request))),
    async handler(call: ImportCall) {
      const { owner } = call.target;
      if (owner === null) return call.refuse({ because: 'unauthenticated' });
      const form = submitted(call.request);
      const source = textOf(form, 'source').trim();
      const fields: ImportFields = {
        ...readFields(form),
        // What stands before an `@` may be a password: it is refused, and must not come back in the page.
        source: source.includes('@') ? '' : source,
        username: textOf(form, 'username').trim(),
      };
      const password = textOf(form, 'password');
      const credentials =
        fields.username === '' && password === ''
          ? null
          : { username: fields.username, password: new Secret(password) };
      const { name, description, visibility } = fields;
      const wanted = { owner, name, description, visibility };
      const job = jobs.start(call.ctx.by, wanted, { kind: 'url', url: source, credentials });
      if (job === null) return sendForm(ctx, call, fields, [tooMany]);
      await jobs.settle(job, PATIENCE_MS);
      const end = jobs.find(job.id, job.accountId)?.end;
      if (end?.kind === 'refused') return sendForm(ctx, call, fields, end.problems);
      return call.reply.redirect(`/new/import/${job.id}`, 303);
    },
  });

  const Params = Type.Object({ id: Type.String({ maxLength: 64 }) });
  /** Strangers are led to sign in; who else is not its owner finds nothing. */
  const ofJob: Parameters<typeof routes.route<'repositories.import', JobCall['target']>>[0]['target'] = (
    request,
    actor,
  ) => {
    const account = accountId(actor);
    const job = account === null ? null : jobs.find((request.params as { id: string }).id, account);
    if (account !== null && job === null) return null;
    return { ...newRepositoryOf(account, job?.wanted.visibility ?? 'private'), job };
  };

  routes.route({
    method: 'GET',
    url: '/new/import/:id',
    action: 'repositories.import',
    schema: { params: Params },
    target: ofJob,
    handler(call) {
      const { job } = call.target;
      if (job === null) return call.refuse({ because: 'invisible' });
      if (job.end?.kind === 'done') {
        flash(call.reply, 'success', 'The import is complete.');
        return call.reply.redirect(repositoryPath(job.end.repository), 303);
      }
      if (job.end === null) call.reply.header('refresh', String(RELOAD_SECONDS));
      return renderPage(call, { title: 'Import' }, <Progress job={job} />);
    },
  });

  routes.route({
    method: 'POST',
    url: '/new/import/:id/cancel',
    action: 'repositories.import',
    schema: { params: Params },
    target: ofJob,
    async handler(call) {
      const { job } = call.target;
      if (job === null) return call.refuse({ because: 'invisible' });
      await jobs.cancel(job);
      return call.reply.redirect(`/new/import/${job.id}`, 303);
    },
  });
  return jobs.close;
}

const tooMany: Problem = {
  field: 'source',
  code: 'custom',
  message: 'Too many imports are running just now. Try again when one of them is done.',
};

async function sendForm(
  ctx: Context,
  call: ImportCall,
  fields: ImportFields,
  problems: readonly Problem[],
): Promise<FastifyReply> {
  const owners = await ownersFor(ctx, call);
  return renderPage(
    call,
    { title: 'Import a repository', ...(problems.length > 0 ? { status: 422 } : {}) },
    <div class="repo-settings">
      <Heading>Import a repository</Heading>
      <p>All branches, tags and their history are copied from another Git server.</p>
      <Form action="/new/import">
        <FormProblems
          problems={problems}
          fields={['source', 'username', 'password', 'name', 'description']}
        />
        <Field
          name="source"
          label="Clone URL"
          type="url"
          value={fields.source}
          problems={problems}
          required
          autocomplete="off"
          placeholder="https://git.example.com/owner/repository.git"
          help="An address that begins with https:// or http://, as git clone takes it, without a password in it."
        />
        <Field
          name="username"
          label="User name at the source"
          value={fields.username}
          problems={problems}
          autocomplete="off"
          spellcheck={false}
          help="Only for a private source."
        />
        <Field
          name="password"
          label="Password or token for the source"
          type="password"
          problems={problems}
          autocomplete="off"
          help="Used for this import alone and never kept."
        />
        <RepositoryFields fields={fields} problems={problems} owners={owners} />
        <div class="form-actions">
          <button type="submit" class="btn btn-primary">
            Begin import
          </button>
          <a class="btn" href="/">
            Cancel
          </a>
        </div>
      </Form>
    </div>,
  );
}

const phases: Readonly<Record<ImportProgress['phase'], string>> = {
  connecting: 'Connecting to the source',
  preparing: 'The source prepares the history',
  receiving: 'Receiving the history',
  resolving: 'Putting the history together',
  finishing: 'Finishing',
};

function Progress({ job }: { readonly job: ImportJob }): JSX.Element {
  const { progress, end, wanted } = job;
  const name = `${wanted.owner.login}/${wanted.name}`;
  if (end !== null && end.kind !== 'done') {
    return (
      <div class="repo-settings">
        <Heading>{`${name} was not imported`}</Heading>
        <Notice kind={end.kind === 'cancelled' ? 'warn' : 'error'}>{endText(end)}</Notice>
        <p>
          Nothing was kept. <a href="/new/import">Try again</a>
        </p>
      </div>
    );
  }
  const { phase, percent } = progress;
  return (
    <div class="repo-settings">
      <Heading>{`Importing ${name}`}</Heading>
      <p>
        From <code>{job.url}</code>. You may leave this page; the import goes on.
      </p>
      <p>
        <label for="progress">{phases[phase] + (percent === null ? '…' : `: ${percent} %`)}</label>
      </p>
      <progress id="progress" class="import-progress" max={100} value={percent ?? undefined} />
      <Form action={`/new/import/${job.id}/cancel`}>
        <button type="submit" class="btn btn-danger">
          Cancel import
        </button>
      </Form>
    </div>
  );
}

function endText(end: Exclude<ImportEnd, { kind: 'done' }>): string {
  switch (end.kind) {
    case 'refused':
      return end.problems.map(({ message }) => message).join(' ');
    case 'cancelled':
      return 'The import was cancelled.';
    case 'failed':
      return 'Something went wrong on our side. Try again in a moment.';
  }
}
