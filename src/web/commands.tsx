// Lines to paste into a shell, with a button that copies them all.
import type { JSX } from 'preact';
import { CopyButton } from './parts.tsx';

export interface CommandsProps {
  /** Unique on the page. */
  readonly id: string;
  /** What the button copies, as its accessible name. */
  readonly label: string;
  readonly lines: readonly string[];
}

export function Commands({ id, label, lines }: CommandsProps): JSX.Element {
  return (
    <div class="commands-row">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on small screens */}
      <pre id={id} class="commands" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      <CopyButton from={id} label={label} />
    </div>
  );
}
