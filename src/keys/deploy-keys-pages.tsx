// The pages of a repository's deploy keys (contract: /OWNER/REPO/settings/keys). The form begins with reading only,
// while the API's default is the opposite (ghes-spec 7.1).
import type { FastifyReply } from 'fastify';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { idParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { repositoryPath } from '../repositories/addresses.ts';
import { findFromPath } from '../repositories/finding.ts';
import { renderRepositoryPage } from '../repositories/frame.tsx';
import type { RepositoryFound } from '../repositories/repositories.ts';
import { flash } from '../web/flash.ts';
import { Checkbox, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { addDeployKey, deleteDeployKey, listDeployKeys, verifyDeployKey } from './deploy-keys.ts';
import { KeyFields, KeyList } from './key-parts.tsx';
import { makerOf } from './keys.ts';

type DeployKeysCall = Call<RepositoryFound, RouteSchema>;

const BELOW = '/:owner/:repo/settings/keys';
const MAX_SHOWN = 500;

interface DeployKeyForm {
  readonly title: string;
  readonly key: string;
  readonly write: boolean;
}

const listOf = ({ target }: DeployKeysCall): string => `${repositoryPath(target.repository)}/settings/keys`;

export function deployKeyPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);
  const page = (
    method: 'GET' | 'POST',
    url: string,
    action: Extract<ActionName, `deploy-keys.${string}`>,
    handler: (call: DeployKeysCall) => unknown,
  ): void => routes.route({ method, url: `${BELOW}${url}`, action, target, handler });

  page('GET', '', 'deploy-keys.list', async (call) => {
    const { items } = await listDeployKeys(ctx, call.target.repositoryId, { page: 1, perPage: MAX_SHOWN });
    return renderRepositoryPage(
      call,
      { tab: 'settings', title: 'Deploy keys' },
      <>
        <Heading
          actions={
            <a class="btn btn-primary" href={`${listOf(call)}/new`}>
              Add deploy key
            </a>
          }
        >
          Deploy keys
        </Heading>
        <p class="intro">
          SSH keys that belong to nobody and open this repository alone: for servers and jobs that clone from
          it, or push to it. A key that was made with a token is deleted with the token.
        </p>
        <KeyList
          keys={items}
          action={listOf(call)}
          label="Deploy keys"
          empty="There are no deploy keys for this repository"
        />
      </>,
    );
  });

  page('GET', '/new', 'deploy-keys.create', (call) => sendForm(call, { title: '', key: '', write: false }));

  page('POST', '', 'deploy-keys.create', async (call) => {
    const fields = submitted(call.request);
    const form = {
      title: textOf(fields, 'title'),
      key: textOf(fields, 'key'),
      write: textOf(fields, 'write') === '1',
    };
    const { title, key, write } = form;
    const wanted = { title, key, readOnly: !write, maker: makerOf(call.actor) };
    const added = await addDeployKey(call.ctx, call.target.repositoryId, wanted);
    if (!added.ok) return sendForm(call, form, added.problems);
    flash(call.reply, 'success', `Added the deploy key “${added.value.title}”.`);
    return call.reply.redirect(listOf(call), 303);
  });

  page('POST', '/:key_id/delete', 'deploy-keys.delete', async (call) => {
    const id = idParameter(call.request, 'key_id');
    const key = id === null ? null : await deleteDeployKey(call.ctx, call.target.repositoryId, id);
    if (key === null) return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', `Deleted the deploy key “${key.title}”.`);
    return call.reply.redirect(listOf(call), 303);
  });

  page('POST', '/:key_id/approve', 'deploy-keys.create', async (call) => {
    const id = idParameter(call.request, 'key_id');
    const key = id === null ? null : await verifyDeployKey(call.ctx, call.target.repositoryId, id);
    if (key === null) return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', `The deploy key “${key.title}” may be used now.`);
    return call.reply.redirect(listOf(call), 303);
  });
}

function sendForm(
  call: DeployKeysCall,
  form: DeployKeyForm,
  problems: readonly Problem[] = [],
): FastifyReply {
  return renderRepositoryPage(
    call,
    { tab: 'settings', title: 'Add deploy key', ...(problems.length === 0 ? {} : { status: 422 }) },
    <>
      <Heading>Add deploy key</Heading>
      <Form action={listOf(call)}>
        <FormProblems problems={problems} fields={['title', 'key']} />
        <KeyFields title={form.title} value={form.key} problems={problems} />
        <Checkbox
          name="write"
          label="Allow write access"
          checked={form.write}
          help="Can push to this repository too. Without it, the key can clone and fetch."
        />
        <button type="submit" class="btn btn-primary">
          Add key
        </button>{' '}
        <a class="btn" href={listOf(call)}>
          Cancel
        </a>
      </Form>
    </>,
  );
}
