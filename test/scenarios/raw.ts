// HTTP as bytes on a socket, for everything that no well-behaved client would send.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A server that says nothing for so long hangs. */
const PATIENCE_MS = 15_000;

/**
 * Sends the bytes and reads the first answer that is no "100 Continue".
 * @param half end our side after sending, as a client that breaks off does
 * @returns null when the connection was closed without an answer
 * @throws when nothing happens for too long
 */
export function sendRaw(
  url: string,
  bytes: string | Uint8Array,
  { half = false }: { readonly half?: boolean } = {},
): Promise<RawAnswer | null> {
  const { hostname, port } = new URL(url);
  const bodiless = Buffer.from(bytes).subarray(0, 5).toString('latin1') === 'HEAD ';
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(
          `no answer within ${PATIENCE_MS} ms to ${show(bytes)}; so far: ${received.toString('latin1')}`,
        ),
      );
    }, PATIENCE_MS);
    const end = (closed: boolean): void => {
      const answer = parse(received, closed, bodiless);
      if (answer === undefined && !closed) return;
      clearTimeout(timer);
      socket.destroy();
      resolve(answer ?? null);
    };
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      end(false);
    });
    // A reset after the answer is the answer's business; one without it is told by null.
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
    socket.on('connect', () => (half ? socket.end(Buffer.from(bytes)) : socket.write(bytes)));
  });
}

function parse(bytes: Buffer, closed: boolean, bodiless: boolean): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(first)?.[1]);
  const rest = bytes.subarray(end + 4);
  if (status === 100) return parse(rest, closed, bodiless);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  if (bodiless || status === 204 || status === 304) return { status, headers, body: '' };
  const length = headers.get('content-length');
  const whole =
    length !== undefined
      ? rest.length >= Number(length)
      : closed || rest.toString('latin1').endsWith('0\r\n\r\n');
  if (!whole && !closed) return undefined;
  const body = length === undefined ? rest : rest.subarray(0, Number(length));
  return { status, headers, body: body.toString('utf8') };
}

export function show(bytes: string | Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 300));
}
