// The end of a push's report, kept until the push is recorded. Not all clients wait for the end of the answer: Dulwich
// goes on at the flush that ends the report, and a clone that followed at once found HEAD at a branch that is not there.

const FLUSH = Buffer.from('0000');

/**
 * Passes on what git says, but a flush at the end of a piece only with what follows; the last one once `settled`.
 * @param mayHold is it the report already? In a session the refs that there are come first, and the client waits for
 *   their end.
 */
export async function* keepLastFlush(
  pieces: AsyncIterable<Buffer>,
  settled: Promise<void>,
  mayHold: () => boolean,
): AsyncGenerator<Buffer, void, undefined> {
  let kept: Buffer | null = null;
  for await (const piece of pieces) {
    const whole: Buffer = kept === null ? piece : Buffer.concat([kept, piece]);
    kept = null;
    if (!mayHold() || !whole.subarray(-FLUSH.length).equals(FLUSH)) {
      yield whole;
      continue;
    }
    kept = FLUSH;
    if (whole.length > FLUSH.length) yield whole.subarray(0, -FLUSH.length);
  }
  await settled;
  if (kept !== null) yield kept;
}
