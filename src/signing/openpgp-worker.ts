// The process in which one OpenPGP key is read: a key made to take for ever holds up nobody but itself.
import { type ReadKey, readOpenPgpKey } from './openpgp.ts';

/** What it answers with. */
export type OpenPgpAnswer = ReadKey;

process.once('message', (armored: string) => {
  readOpenPgpKey(armored).then(
    (answer) => process.send?.(answer),
    // Its end is told by its end.
    () => process.exit(1),
  );
});
