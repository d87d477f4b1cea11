// What a person is told on the pages until they dismiss it: all of it behind the bell in the header, and what asks to
// be done on top of their settings too.
import type { JSX } from 'preact';
import { Form } from './form.tsx';
import { Icon } from './icon.tsx';
import { usePage } from './page-context.ts';
import { RelativeTime } from './parts.tsx';

/** A line to a person. The text may hold what people wrote; `path` leads to the page about it. */
export interface PageNotice {
  readonly id: number;
  readonly text: string;
  readonly path: string;
  readonly urgent: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** On top of other pages so many are shown; the rest stands on a page of its own. */
const SHOWN = 3;

export function NoticesOnTop({ notices }: { readonly notices: readonly PageNotice[] }): JSX.Element | null {
  const urgent = notices.filter((notice) => notice.urgent);
  if (urgent.length === 0) return null;
  return (
    <section class="notices" aria-label="Notices">
      <NoticeList notices={urgent.slice(0, SHOWN)} />
      {urgent.length > SHOWN && (
        <p>
          <a href="/settings/notices">All {notices.length} notices</a>
        </p>
      )}
    </section>
  );
}

export function NoticeList({ notices }: { readonly notices: readonly PageNotice[] }): JSX.Element {
  const { path } = usePage();
  return (
    <ul class="Box notice-list">
      {notices.map((notice) => (
        <li class="Box-row notice-row" key={notice.id}>
          <Icon name="bell" />
          <div class="notice-text">
            <span id={`notice-${notice.id}`}>{notice.text}</span>{' '}
            <span class="muted">
              <RelativeTime at={notice.createdAt} />
            </span>{' '}
            <a href={notice.path} aria-describedby={`notice-${notice.id}`}>
              Look at it
            </a>
          </div>
          <Form action={`/settings/notices/${notice.id}/dismiss`}>
            <input type="hidden" name="return_to" value={path} />
            <button type="submit" class="btn btn-sm" aria-describedby={`notice-${notice.id}`}>
              Dismiss
            </button>
          </Form>
        </li>
      ))}
    </ul>
  );
}

/** Nothing where there is nothing to tell. */
export function NoticeBell({ count }: { readonly count: number }): JSX.Element | null {
  if (count === 0) return null;
  return (
    <a
      class="notice-bell"
      href="/settings/notices"
      aria-label={count === 1 ? '1 notice' : `${count} notices`}
    >
      <Icon name="bell" />
      <span aria-hidden="true">{count}</span>
    </a>
  );
}
