// What every component of a page may know without being told by its parent.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ActorAccount } from '../access/actor.ts';
import type { PageNotice } from './notices.tsx';

export interface PageFacts {
  /** Who is signed in; null: nobody. */
  readonly account: ActorAccount | null;
  /** What the person is told until they dismiss it. */
  readonly notices: readonly PageNotice[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Base of every link to be shown, without a trailing slash. */
  readonly url: string;
  /** Base of addresses over SSH; null: there are none. */
  readonly sshUrl: string | null;
  /** Path and query of this page. */
  readonly path: string;
  /** The address of an asset: `asset('latchkey.css')`. */
  readonly asset: (name: string) => string;
  /** A new authenticity token; asking for it may set a cookie. */
  readonly token: () => string;
}

export const PageContext = createContext<PageFacts | null>(null);

export function usePage(): PageFacts {
  const facts = useContext(PageContext);
  if (facts === null) throw new Error('This component belongs on a page made by renderPage');
  return facts;
}
