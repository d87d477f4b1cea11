// Icons from @primer/octicons, drawn inline so that they take the text's colour.
import { createRequire } from 'node:module';
import type { JSX } from 'preact';

interface Drawing {
  readonly heights: Readonly<Record<string, { readonly width: number; readonly path: string }>>;
}

const drawings = createRequire(import.meta.url)('@primer/octicons/build/data.json') as Readonly<
  Record<string, Drawing>
>;

export interface IconProps {
  /** As on https://primer.style/octicons */
  readonly name: string;
  readonly size?: 16 | 24;
  /** Told to those who can't see it; without it the icon is mere decoration. */
  readonly label?: string;
  readonly class?: string;
}

export function Icon({ name, size = 16, label, class: more }: IconProps): JSX.Element {
  const drawing = drawings[name]?.heights[String(size)];
  if (drawing === undefined) throw new Error(`There is no icon ${name} of size ${size}`);
  return (
    <svg
      class={`octicon${more === undefined ? '' : ` ${more}`}`}
      width={drawing.width}
      height={size}
      viewBox={`0 0 ${drawing.width} ${size}`}
      {...(label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label })}
      // The drawing comes from the package, not from people.
      dangerouslySetInnerHTML={{ __html: drawing.path }}
    />
  );
}
