// What `latchkey doctor` tells of the security log: whether a row was altered, removed or put there by others.
import { type Verdict, verifyLog } from '../audit/verify.ts';
import type { Context } from '../context.ts';
import type { Finding } from './findings.ts';

const name = 'security log';
const MAX_LINES = 5;

export async function lookAtLog(ctx: Context): Promise<readonly Finding[]> {
  const verdict = await verifyLog(ctx);
  return [ownRows(verdict), otherRows(verdict)].filter((finding) => finding !== null);
}

function ownRows(verdict: Verdict): Finding {
  const { rows, faults, faultCount, hasWitness, checkpoint } = verdict;
  if (faultCount > 0) {
    const told = faults.slice(0, MAX_LINES).map(({ message }) => message);
    const more = faultCount - told.length;
    return {
      name,
      state: 'wrong',
      message: `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      mend:
        'find out who could write to the database, and compare with a backup; if you put back an older database ' +
        'yourself, move keys/audit-head.json in the data directory away, and the log goes on from there',
    };
  }
  const since =
    checkpoint === null ? '' : `, from row ${checkpoint.number + 1} on, the older ones removed by their age`;
  const message = `${rows} ${rows === 1 ? 'row' : 'rows'}, none altered or removed${since}`;
  if (hasWitness || rows === 0) return { name, state: 'ok', message };
  return {
    name,
    state: 'warning',
    message: `${message}; but no witness tells whether newer ones were cut off`,
    mend: 'start the server, or run any command that changes something: it writes keys/audit-head.json',
  };
}

function otherRows({ otherNodes }: Verdict): Finding | null {
  if (otherNodes.length === 0) return null;
  return {
    name,
    state: 'wrong',
    message: `there are rows of a node whose key is not here: ${otherNodes.slice(0, MAX_LINES).join(', ')}`,
    mend: 'bring back keys/audit-key.json of the data directory from a backup; nothing else can tell whether they are ours',
  };
}
