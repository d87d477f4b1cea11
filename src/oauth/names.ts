// Names of applications, as the eye reads them: people decide by them whom they let act for them, so that none may pass
// for a client that every instance knows (UTS #39 §4, §5.2).
import type { Problem } from '../problems.ts';

/** What shows nothing, which no name needs but to choose the form of an emoji; and a blank that is a symbol. */
const invisible = /(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}|\u2800/u;

/** Alphabets of which some letters look like those of another. */
const alphabets = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Lisu}/u,
  /\p{Script=Coptic}/u,
];

/** What is wrong with a name that can't be read for what it is; null: nothing. */
export function disguiseProblem(name: string): Problem | null {
  const wrong = (message: string): Problem => ({ field: 'name', code: 'invalid', message });
  if (invisible.test(name)) return wrong('The name contains characters that cannot be shown.');
  const mixes = name.split(/[^\p{L}\p{M}]+/u).some((word) => {
    return alphabets.filter((alphabet) => alphabet.test(word)).length > 1;
  });
  return mixes ? wrong('The name mixes letters of several alphabets in one word.') : null;
}

/** Is the known name, or what looks like it, in the other? Case, marks, blanks and signs make no difference. */
export function passesFor(name: string, known: string): boolean {
  return shapeOf(name).includes(shapeOf(known));
}

function shapeOf(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase().replaceAll('rn', 'm');
  return [...plain]
    .map((letter) => alike.get(letter) ?? letter)
    .filter((letter) => /[\p{L}\p{N}]/u.test(letter) && !invisible.test(letter))
    .join('');
}

/** Letters and signs by what they pass for, those of the Latin alphabet that are no variants of another. */
const alike: ReadonlyMap<string, string> = new Map(
  [
    ['i', 'l1|!ıɩɪʟ'],
    ['o', '0ᴏ'],
    ['g', 'ɡɢ'],
    ['a', 'ɑᴀ'],
    ['b', 'ʙ'],
    ['c', 'ᴄ'],
    ['d', 'ᴅ'],
    ['e', 'ᴇ'],
    ['h', 'ʜ'],
    ['m', 'ᴍ'],
    ['n', 'ɴ'],
    ['r', 'ʀ'],
    ['t', 'ᴛ'],
    ['u', 'ᴜ'],
  ].flatMap(([letter = '', others = '']) => [...others].map((other) => [other, letter] as const)),
);
