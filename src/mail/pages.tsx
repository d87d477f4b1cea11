// The page of a person's notices. They also stand on top of the other settings pages, from where they are dismissed
// by the same forms.
import type { GuardedRoutes } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { NoticeList } from '../web/notices.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading } from '../web/parts.tsx';
import { safeReturnTo } from '../web/return-to.ts';
import { submitted } from '../web/visit.ts';
import { dismissNotices, pageNotices } from './notices.ts';

const PAGE = '/settings/notices';

export function noticePages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: PAGE,
    action: 'notices.manage',
    target: selfTarget,
    async handler(call) {
      const notices = await pageNotices(ctx, call.target.accountId);
      const dismissAll = (
        <Form action={`${PAGE}/dismiss-all`}>
          <button type="submit" class="btn">
            Dismiss all
          </button>
        </Form>
      );
      return renderPage(
        call,
        { title: 'Notices', settings: 'notices' },
        <>
          <Heading {...(notices.length > 1 ? { actions: dismissAll } : {})}>Notices</Heading>
          {notices.length === 0 ? (
            <Blankslate icon="bell" title="There is nothing to tell">
              <p>Here stands what happens to your account, such as tokens that will expire soon.</p>
            </Blankslate>
          ) : (
            <NoticeList notices={notices} />
          )}
        </>,
      );
    },
  });

  for (const path of [`${PAGE}/:id/dismiss`, `${PAGE}/dismiss-all`]) {
    routes.route({
      method: 'POST',
      url: path,
      action: 'notices.manage',
      target: selfTarget,
      async handler(call) {
        const { id } = call.request.params as { readonly id?: string };
        if (id !== undefined && !/^[1-9]\d{0,14}$/.test(id)) return call.refuse({ because: 'invisible' });
        await dismissNotices(ctx, call.target.accountId, id === undefined ? undefined : Number(id));
        const back = safeReturnTo(textOf(submitted(call.request), 'return_to'));
        return call.reply.redirect(back === '/' ? PAGE : back, 303);
      },
    });
  }
}
