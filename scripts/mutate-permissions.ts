// Changes each row of the table of permissions in turn (src/access/actions.ts): a scope dropped or added, the role a
// step lower or higher, a proof asked for or not, open to SSH keys or not, and so on; and shows by what each change is
// found out. Status 1 when one is not.
import { allMutants, judge } from '../test/permissions/mutations.ts';

const verdicts = allMutants().map(judge);
for (const { mutant, noticed } of verdicts) {
  console.log(
    `${noticed === null ? 'MISSED ' : 'noticed'}  ${mutant.action}, ${mutant.change}  ← ${noticed ?? 'nothing'}`,
  );
}
const missed = verdicts.filter(({ noticed }) => noticed === null).length;
console.log(`\n${verdicts.length} changes, ${verdicts.length - missed} noticed, ${missed} missed.`);
process.exitCode = missed === 0 ? 0 : 1;
