// Why the server can't start: one sentence that tells the operator what to do.

export class StartError extends Error {
  override name = 'StartError';
}
