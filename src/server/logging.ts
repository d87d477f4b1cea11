// The log: JSON lines on stderr, readable lines on a terminal. A line about a request is made from the few fields
// below and nothing else; headers, queries and bodies never come near it. Token-shaped text is cut out of every
// line as a last net, since people paste tokens into the strangest places: a path, a name, a branch.
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Tokens of every kind (ghes-spec 2), and the code of a one-time link or session. */
const secretShapes =
  /\b(?:gh[a-z]_[A-Za-z0-9]{10,}|github_pat_\w{10,})|(?<=[?&]code=)[\w-]+|(?<=:\/\/)[^\s/@"]+(?=@)/g;

const MAX_PATH_LENGTH = 500;

export interface Log {
  readonly logger: Logger;
  /** Writes what is still held back; call it before the process ends. */
  flush(): void;
}

/** @param stream where lines go instead of stderr, for tests */
export function createLog(stream?: DestinationStream): Log {
  const readable = stream === undefined && process.stderr.isTTY === true;
  const file = destination({ fd: 2, sync: false });
  // Nobody reads the log any more: that is no reason to stop serving.
  file.on('error', () => undefined);
  const target =
    stream ??
    (readable ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: true }) : file);
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: shortError },
      hooks: { streamWrite: (line) => line.replaceAll(secretShapes, '[secret]') },
    },
    target,
  );
  return {
    logger,
    flush: () => {
      if (target === file) file.flushSync();
    },
  };
}

/** An error's name, text and where it came from; no field that somebody hung on it, such as a request's options. */
function shortError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { readonly code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: shortError(error.cause) }),
  };
}

/** All that a log line ever tells of a request. */
export interface RequestLine {
  readonly id: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  readonly address: string;
  readonly login?: string;
  readonly accountId?: number;
  readonly tokenId?: number;
}

export function logRequest(log: Logger, line: RequestLine): void {
  log.info({ ...line, path: line.path.slice(0, MAX_PATH_LENGTH), ms: Math.round(line.ms) }, 'request');
}
