// A picture for everybody, drawn from the name: five by five squares, mirrored. No service is asked for one.
import { hash } from 'node:crypto';
import type { JSX } from 'preact';

/** Colours with enough contrast on white and on dark grey alike. */
const colours = ['#0969da', '#1a7f37', '#9a6700', '#bc4c00', '#cf222e', '#8250df', '#bf3989', '#1b7c83'];

export interface AvatarProps {
  readonly login: string;
  /** Pixels. */
  readonly size: number;
}

/** Decoration: put the name beside it, or in the label of what holds it. */
export function Avatar({ login, size }: AvatarProps): JSX.Element {
  const bytes = hash('sha256', login.toLowerCase(), 'buffer');
  const colour = colours[(bytes[31] ?? 0) % colours.length] ?? '#0969da';
  let path = '';
  for (let x = 0; x < 3; x++) {
    for (let y = 0; y < 5; y++) {
      if ((bytes[x * 5 + y] ?? 0) % 2 === 1) continue;
      path += `M${x + 1} ${y + 1}h1v1h-1z`;
      if (x < 2) path += `M${5 - x} ${y + 1}h1v1h-1z`;
    }
  }
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class="avatar avatar-user"
      width={size}
      height={size}
      viewBox="0 0 7 7"
      aria-hidden="true"
    >
      <rect width="7" height="7" fill="#f0f0f0" />
      <path d={path} fill={colour} shape-rendering="crispEdges" />
    </svg>
  );
}
