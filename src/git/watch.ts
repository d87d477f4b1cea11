// Ends an operation when its client goes away, when nothing moves any more, when its time is up, when the server stops,
// or when somebody says so.
import { Stop, type StopReason } from './stops.ts';

/** What leads to the client: an HTTP response, or a channel of SSH. */
export interface Connection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

export interface Watch {
  /** Aborted, with a Stop as its reason, when the operation must end. */
  readonly signal: AbortSignal;
  /** Something came from or went to the client. */
  moved(): void;
  /** Ends the operation. */
  stop(because: StopReason): void;
  /** Nobody takes the answer any more: ends what still runs. */
  leave(): void;
  end(): void;
}

/**
 * Watches over an operation's time, and whether its client is still there.
 * @param closing aborted when the server stops
 */
export function watchClient(
  connection: Connection,
  times: { readonly wholeMs: number; readonly stallMs: number },
  closing: AbortSignal,
): Watch {
  const controller = new AbortController();
  const stop = (because: StopReason) => controller.abort(new Stop(because));
  const gone = () => stop('client-gone');
  const closed = () => stop('closing');
  const whole = setTimeout(stop, times.wholeMs, 'time-up');
  let stall: NodeJS.Timeout | undefined;
  connection.once('close', gone);
  closing.addEventListener('abort', closed, { once: true });
  if (connection.destroyed) gone();
  if (closing.aborted) closed();
  return {
    signal: controller.signal,
    stop,
    moved() {
      if (stall === undefined) stall = setTimeout(stop, times.stallMs, 'stalled');
      else stall.refresh();
    },
    leave: gone,
    end() {
      clearTimeout(whole);
      clearTimeout(stall);
      connection.off('close', gone);
      closing.removeEventListener('abort', closed);
    },
  };
}
