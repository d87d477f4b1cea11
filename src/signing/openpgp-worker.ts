// The process in which one OpenPGP key is read: a key made to take for ever holds up nobody but itself.
import { readOpenPgpKey } from './openpgp.ts';

process.once('message', (armored: string) => {
  readOpenPgpKey(armored).then(
    (answer) => process.send?.(answer),
    // Its end is told by its end.
    () => process.exit(1),
  );
});
