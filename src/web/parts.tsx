// The small parts that pages are made of.
import type { ComponentChildren, HTMLAttributes, JSX } from 'preact';
import type { FlashKind } from './flash.ts';
import { Icon } from './icon.tsx';

const noticeIcons = { success: 'check', warn: 'alert', error: 'stop', info: 'info' } as const;

export interface NoticeProps {
  readonly kind?: FlashKind | 'info';
  readonly children: ComponentChildren;
}

/** A line that tells what happened, or what to mind. */
export function Notice({ kind = 'info', children }: NoticeProps): JSX.Element {
  const look = kind === 'info' ? '' : ` flash-${kind}`;
  return (
    <div class={`flash notice${look}`} role={kind === 'error' ? 'alert' : 'status'}>
      <Icon name={noticeIcons[kind]} />
      <div>{children}</div>
    </div>
  );
}

export interface HeadingProps {
  readonly children: ComponentChildren;
  /** Buttons at the end of the line. */
  readonly actions?: ComponentChildren;
}

/** The page's own heading. */
export function Heading({ children, actions }: HeadingProps): JSX.Element {
  return (
    <div class="heading">
      <h1>{children}</h1>
      {actions !== undefined && <div class="heading-actions">{actions}</div>}
    </div>
  );
}

export interface LabelProps {
  readonly look?: 'default' | 'accent' | 'success' | 'attention' | 'danger';
  readonly icon?: string;
  readonly children: ComponentChildren;
}

/** A short state in a coloured frame; the text alone must say it. */
export function Label({ look = 'default', icon, children }: LabelProps): JSX.Element {
  return (
    <span class={`Label label-${look}`}>
      {icon !== undefined && <Icon name={icon} />}
      {/* In one piece, so that it reads as one: what is laid out apart is told apart. */}
      <span>{children}</span>
    </span>
  );
}

export interface CopyButtonProps {
  /** The id of the element whose text is copied. */
  readonly from: string;
  /** What it copies, as its accessible name: `Copy token`. */
  readonly label: string;
}

/** Copies without a round trip; the one thing that needs a script, and hidden without one. */
export function CopyButton({ from, label }: CopyButtonProps): JSX.Element {
  return (
    <clipboard-copy
      for={from}
      role="button"
      tabIndex={0}
      class="btn copy-button"
      aria-label={label}
      title={label}
    >
      <Icon name="copy" class="copy-idle" />
      <Icon name="check" class="copy-done" />
    </clipboard-copy>
  );
}

export interface RelativeTimeProps {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `past`: "3 days ago"; `date`: "Nov 21, 2026". */
  readonly show?: 'relative' | 'date';
}

/** An instant in words; without a script, as a date in UTC. */
export function RelativeTime({ at, show = 'relative' }: RelativeTimeProps): JSX.Element {
  const iso = new Date(at).toISOString();
  const date = dateOf(at);
  if (show === 'date') {
    return (
      <time dateTime={iso} title={`${iso.slice(0, 19).replace('T', ' ')} UTC`}>
        {date}
      </time>
    );
  }
  return (
    <relative-time datetime={iso} lang="en" tense="past">
      on {date}
    </relative-time>
  );
}

/** `Nov 21, 2026`, in UTC. */
export function dateOf(at: number): string {
  return new Intl.DateTimeFormat('en-US', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(at);
}

export interface BlankslateProps {
  readonly icon: string;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** What stands where a list would, while there is nothing to list. */
export function Blankslate({ icon, title, children }: BlankslateProps): JSX.Element {
  return (
    <div class="blankslate">
      <Icon name={icon} size={24} class="blankslate-icon" />
      <h2 class="blankslate-heading">{title}</h2>
      {children !== undefined && <div class="blankslate-body">{children}</div>}
    </div>
  );
}

export interface PaginationProps {
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  readonly href: (page: number) => string;
}

export function Pagination({ page, pages, href }: PaginationProps): JSX.Element | null {
  if (pages <= 1) return null;
  return (
    <nav class="paginate-container" aria-label="Pagination">
      <div class="pagination">
        {page > 1 && (
          <a class="previous_page" rel="prev" href={href(page - 1)}>
            Previous
          </a>
        )}
        <em aria-current="page">{`Page ${page} of ${pages}`}</em>
        {page < pages && (
          <a class="next_page" rel="next" href={href(page + 1)}>
            Next
          </a>
        )}
      </div>
    </nav>
  );
}

export interface DialogProps {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** The text of the button that opens it. */
  readonly opener: string;
  /** What the button is for, where its text alone would not tell it from others: a description, not its name. */
  readonly openerDescribedBy?: string;
  readonly openerClass?: string;
  readonly children: ComponentChildren;
}

/**
 * A button and the dialog it opens, without a script: modal where the browser knows `command`, otherwise a
 * popover; both close with Escape.
 */
export function Dialog(props: DialogProps): JSX.Element {
  const { id, title, opener, openerDescribedBy, openerClass = 'btn', children } = props;
  return (
    <>
      <button
        type="button"
        class={openerClass}
        command="show-modal"
        commandfor={id}
        popovertarget={id}
        aria-describedby={openerDescribedBy}
      >
        {opener}
      </button>
      <dialog id={id} popover class="dialog" aria-labelledby={`${id}-title`}>
        <div class="dialog-header">
          <h2 id={`${id}-title`}>{title}</h2>
          <button
            type="button"
            class="btn-octicon"
            command="close"
            commandfor={id}
            popovertarget={id}
            aria-label="Close"
          >
            <Icon name="x" />
          </button>
        </div>
        <div class="dialog-body">{children}</div>
      </dialog>
    </>
  );
}

/** Octicons and custom elements that the browser upgrades. */
declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'clipboard-copy': HTMLAttributes<HTMLElement> & { readonly for?: string; readonly value?: string };
      'relative-time': HTMLAttributes<HTMLElement> & {
        readonly datetime: string;
        readonly tense?: string;
      };
    }
  }
}
