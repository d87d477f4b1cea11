// One of the tabs above the pages of a repository or an organisation.
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.tsx';

interface TabLinkProps {
  readonly href: string;
  readonly icon: string;
  readonly current: boolean;
  readonly children: ComponentChildren;
}

export function TabLink({ href, icon, current, children }: TabLinkProps): JSX.Element {
  return (
    <li>
      <a class="repo-tab" href={href} aria-current={current ? 'page' : undefined}>
        <Icon name={icon} />
        {children}
      </a>
    </li>
  );
}
