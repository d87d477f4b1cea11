// What the server may want to know of SSH's work, for its metrics. Of git's part git/observer.ts tells.
import type { Service } from '../git/protocol.ts';

export interface SshObserver {
  /** Called whenever it changes: connections that are open, signed in or not. */
  readonly onConnections?: (open: number) => void;
  /** Called once for each attempt that was accepted or refused; asking whether a key would do is none. */
  readonly onAuthentication?: (outcome: 'accepted' | 'refused', kind: AuthenticationKind) => void;
  /** Called once for each command, when it is over. */
  readonly onSession?: (operation: SessionOperation) => void;
}

export type AuthenticationKind =
  | 'user-key'
  | 'deploy-key'
  /** Nobody's, or not approved. */
  | 'unknown-key'
  /** Somebody's, but not proved: a signature that is wrong or that is not taken here. */
  | 'bad-signature'
  /** By another name than `git`. */
  | 'unknown-user'
  /** A password, or whatever else is not a key. */
  | 'no-key';

export type SessionOperation = Service | 'shell' | 'other';
