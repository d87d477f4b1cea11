// Who may be connected: bounds for the whole server, for where clients come from and for each key, so that nobody
// takes all the places. Who has not signed in yet makes room first.

export interface PlaceLimits {
  readonly connections: number;
  /** Connections that have not signed in yet. */
  readonly newcomers: number;
  readonly perOrigin: number;
  readonly perKey: number;
}

export const defaultPlaces: PlaceLimits = Object.freeze({
  connections: 2_000,
  newcomers: 200,
  perOrigin: 500,
  perKey: 200,
});

export interface Places {
  /**
   * Takes a place for a new connection.
   * @param origin an address, or the network that one customer is given
   * @param leave ends the connection, should its place be needed before it has signed in
   * @returns null: there is none
   */
  enter(origin: string, leave: () => void): Place | null;
  readonly size: number;
}

export interface Place {
  /** The connection has signed in. @returns false: the key has too many already */
  signIn(key: number): boolean;
  leave(): void;
}

interface Newcomer {
  readonly origin: string;
  readonly leave: () => void;
}

export function createPlaces(limits: PlaceLimits): Places {
  const newcomers = new Set<Newcomer>();
  const origins = new Map<string, number>();
  const keys = new Map<number, number>();
  let size = 0;

  /** The oldest newcomer of the origin that has most of them goes: who holds many places loses one. */
  function makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { origin } of newcomers) add(counts, origin, 1);
    const most = Math.max(...counts.values());
    for (const newcomer of newcomers) {
      if (counts.get(newcomer.origin) !== most) continue;
      newcomers.delete(newcomer);
      newcomer.leave();
      return;
    }
  }

  return {
    enter(origin, leave) {
      if (size >= limits.connections || (origins.get(origin) ?? 0) >= limits.perOrigin) return null;
      if (newcomers.size >= limits.newcomers) makeRoom();
      const newcomer = { origin, leave };
      newcomers.add(newcomer);
      add(origins, origin, 1);
      size++;
      let key: number | null = null;
      let hasLeft = false;
      return {
        signIn(keyId) {
          if ((keys.get(keyId) ?? 0) >= limits.perKey) return false;
          newcomers.delete(newcomer);
          key = keyId;
          add(keys, keyId, 1);
          return true;
        },
        leave() {
          if (hasLeft) return;
          hasLeft = true;
          newcomers.delete(newcomer);
          add(origins, origin, -1);
          if (key !== null) add(keys, key, -1);
          size--;
        },
      };
    },
    get size() {
      return size;
    },
  };
}

function add<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
