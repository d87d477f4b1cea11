// Making an organisation: whoever makes it is its first owner.
import type { FastifyReply } from 'fastify';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { peoplePath } from './addresses.ts';
import { createOrganization } from './organizations.ts';

type CreateCall = Call<AccountTarget, RouteSchema>;

const NEW = '/organizations/new';

export function createOrganizationPages(routes: GuardedRoutes): void {
  routes.route({
    method: 'GET',
    url: NEW,
    action: 'organizations.create',
    target: selfTarget,
    handler: (call: CreateCall) => sendForm(call, { login: '', name: '' }, []),
  });
  routes.route({
    method: 'POST',
    url: NEW,
    action: 'organizations.create',
    target: selfTarget,
    async handler(call: CreateCall) {
      const fields = submitted(call.request);
      const typed = { login: textOf(fields, 'login').trim(), name: textOf(fields, 'name') };
      if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' });
      const outcome = await createOrganization(call.ctx, { ...typed, owner: call.actor.account });
      if (!outcome.ok) return sendForm(call, typed, outcome.problems);
      return call.reply.redirect(peoplePath(outcome.value), 303);
    },
  });
}

function sendForm(
  call: CreateCall,
  typed: { readonly login: string; readonly name: string },
  problems: readonly Problem[],
): FastifyReply {
  return renderPage(
    call,
    { title: 'New organization', ...(problems.length > 0 ? { status: 422 } : {}) },
    <div class="repo-settings">
      <Heading>Create an organization</Heading>
      <p>
        An organization owns repositories that several people work on. You will be its first owner, and invite
        the others.
      </p>
      <Form action={NEW}>
        <FormProblems problems={problems} fields={['login', 'name']} />
        <Field
          name="login"
          label="Organization name"
          value={typed.login}
          problems={problems}
          required
          maxLength={39}
          spellcheck={false}
          autocomplete="off"
          help="It stands in addresses. Letters, digits and single hyphens; no person may have it."
        />
        <Field
          name="name"
          label="Display name"
          value={typed.name}
          problems={problems}
          maxLength={255}
          autocomplete="off"
          help="Optional."
        />
        <div class="form-actions">
          <button type="submit" class="btn btn-primary">
            Create organization
          </button>
          <a class="btn" href="/settings/organizations">
            Cancel
          </a>
        </div>
      </Form>
    </div>,
  );
}
