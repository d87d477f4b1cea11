// Passwords that everybody tries first. NIST SP 800-63B §5.1.1.2 asks to refuse those that are commonly used,
// repetitive, sequential, or made of the person's own names.

/** What is left of most leaked passwords once decoration (capitals, digits at the ends, @ for a) is taken off. */
const words: ReadonlySet<string> = new Set(
  `
  access account admin administrator asdfgh asdfghjkl baseball basketball batman changeit changeme charlie
  chocolate computer corvette dragon default demo devops facebook football freedom github gitlab google
  guest hello helloworld hunter iloveyou internet jennifer jordan latchkey letmein liverpool login lovely
  master michael monkey mustang passw passwd password passwort pokemon princess qazwsx qwer qwert qwerty
  qwertyuiop qwertz root samsung secret server shadow soccer starwars summer sunshine superman superuser
  sysadmin temp test testing trustno 11223344 112233445566 147258369 12341234 123123123 123321123
  741852963 13131313 user username welcome whatever winter xxx zaq zxcvbn zxcvbnm abc abcd abcdef
  `
    .trim()
    .split(/\s+/),
);

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Keyboard rows and alphabets, along which `sequential` walks. */
const runs = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx3edc4rfv5tgb',
];

/**
 * Is it one of the first guesses of an attacker?
 * @param names the person's own: login, e-mail address, display name
 */
export function isCommonPassword(password: string, names: readonly string[] = []): boolean {
  const plain = password.toLowerCase();
  if (isRepetitive(plain) || isSequential(plain)) return true;
  const own = names.flatMap((name) => [name, name.split('@')[0] ?? '']).map((name) => name.toLowerCase());
  const bare = undecorated(plain);
  const bareLeet = undecorated([...undecoratedEnds(plain)].map((char) => leet[char] ?? char).join(''));
  return [plain, bare, bareLeet].some(
    (text) => words.has(text) || isTwice(text) || (text !== '' && own.includes(text)),
  );
}

/** More than this is not decoration any longer: `test-8471-9935-0021` is nobody's first guess. */
const MAX_DECORATION = 6;

/** Letters only, if what stands before, between and after them is no more than decoration. */
function undecorated(text: string): string {
  const letters = text.replaceAll(/[^\p{L}]/gu, '');
  return text.length - letters.length <= MAX_DECORATION ? letters : text;
}

/** Without the digits and signs at both ends, where `1` is a number rather than an `i`. */
function undecoratedEnds(text: string): string {
  return text.replace(/^[\d\W_]+/u, '').replace(/[\d!?.#*_-]+$/u, '');
}

/** `passwordpassword` */
function isTwice(text: string): boolean {
  const half = text.slice(0, text.length / 2);
  return half !== '' && text === half + half && words.has(half);
}

/** At most three different characters. */
function isRepetitive(text: string): boolean {
  return new Set(text).size <= 3;
}

function isSequential(text: string): boolean {
  return runs.some((run) => {
    const both = [run, [...run].reverse().join('')];
    return both.some((direction) => direction.repeat(Math.ceil(text.length / run.length) + 1).includes(text));
  });
}
