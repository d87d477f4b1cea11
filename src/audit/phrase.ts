// The search phrase of the security log (ghes-spec 12.2): `action:repo actor:mona -operation:create laptop`. Terms of
// one kind that are not negated are alternatives; terms of different kinds all have to fit.
import { done, type Outcome, type Problem, refused } from '../problems.ts';

export const MAX_PHRASE_LENGTH = 1024;
const MAX_TERMS = 32;

const operationNames = [
  'create',
  'modify',
  'remove',
  'access',
  'authentication',
  'restore',
  'transfer',
] as const;

/** What one term asks of a row. */
export type Test =
  /** `*` stands for anything; without one, the whole action or its first part: `repo`, `repo.create`. */
  | { readonly kind: 'action'; readonly pattern: string }
  | { readonly kind: 'actor' | 'user' | 'org'; readonly login: string }
  /** `owner/name`, or a name alone. */
  | { readonly kind: 'repo'; readonly name: string }
  | { readonly kind: 'operation'; readonly operation: string }
  | { readonly kind: 'ip'; readonly pattern: string }
  /** SHA-256 of a token: what it did, and what was done to it. */
  | { readonly kind: 'hashed_token'; readonly hash: Uint8Array }
  | { readonly kind: 'request_id'; readonly id: string }
  /** From the first instant up to, and without, the second; null: without that end. */
  | { readonly kind: 'created'; readonly from: number | null; readonly until: number | null }
  | { readonly kind: 'word'; readonly text: string };

export interface Phrase {
  /** Of each group, one has to fit. */
  readonly groups: readonly (readonly Test[])[];
  /** None of these may fit. */
  readonly excluded: readonly Test[];
}

export const emptyPhrase: Phrase = Object.freeze({ groups: [], excluded: [] });

/** Reads a phrase; what makes no sense is told, so that nobody takes an empty list for an answer. */
export function parsePhrase(text: string): Outcome<Phrase> {
  if (text.length > MAX_PHRASE_LENGTH) {
    return wrong(`The search phrase can have ${MAX_PHRASE_LENGTH} characters at most.`);
  }
  const tokens = [...text.matchAll(/\S*?"[^"]*"|\S+/g)].map(([token]) => token);
  if (tokens.length > MAX_TERMS) return wrong(`The search phrase can have ${MAX_TERMS} terms at most.`);
  const groups = new Map<string, Test[]>();
  const excluded: Test[] = [];
  const problems: Problem[] = [];
  for (const token of tokens) {
    const isNegated = token.length > 1 && token.startsWith('-');
    const test = readTerm(isNegated ? token.slice(1) : token);
    if (!test.ok) problems.push(...test.problems);
    else if (isNegated) excluded.push(test.value);
    else {
      // Words and dates narrow each other; of the rest, nothing can be two things at once.
      const { kind } = test.value;
      const group = kind === 'word' || kind === 'created' ? `${kind} ${groups.size}` : kind;
      groups.set(group, [...(groups.get(group) ?? []), test.value]);
    }
  }
  if (problems.length > 0) return refused(...problems);
  return done({ groups: [...groups.values()], excluded });
}

/** The qualifiers, for help and errors. */
const qualifiers = [
  'action',
  'actor',
  'user',
  'org',
  'repo',
  'created',
  'operation',
  'ip',
  'hashed_token',
  'request_id',
] as const;

function readTerm(term: string): Outcome<Test> {
  const [, name, rest = ''] = /^([a-z_]+):(.*)$/is.exec(term) ?? [];
  if (name === undefined) {
    const text = unquoted(term);
    return text === '' ? wrong('Empty quotes search for nothing.') : done({ kind: 'word', text });
  }
  const kind = qualifiers.find((qualifier) => qualifier === name.toLowerCase());
  if (kind === undefined) {
    const known = qualifiers.join(', ');
    return wrong(`There is no search term ${name}: use one of ${known}, or put the words in quotes.`);
  }
  const value = unquoted(rest);
  if (value === '') return wrong(`The search term ${kind} needs a value, like ${examples[kind]}.`);
  switch (kind) {
    case 'action':
      return done({ kind, pattern: value.toLowerCase() });
    case 'actor':
    case 'user':
    case 'org':
      return done({ kind, login: value.replace(/^@/, '').toLowerCase() });
    case 'repo':
      return done({ kind, name: value.toLowerCase() });
    case 'ip':
      return done({ kind, pattern: value.toLowerCase() });
    case 'request_id':
      return done({ kind, id: value });
    case 'operation':
      return readOperation(value.toLowerCase());
    case 'hashed_token':
      return rest.startsWith('"') ? readHash(value) : wrong(`Put the hash in quotes: ${examples[kind]}.`);
    case 'created':
      return readCreated(value);
  }
}

const examples: Readonly<Record<(typeof qualifiers)[number], string>> = {
  action: 'action:repo.create, action:repo or action:repo.*member',
  actor: 'actor:mona',
  user: 'user:mona',
  org: 'org:acme',
  repo: 'repo:mona/tool',
  created: 'created:2026-01-31, created:>=2026-01-01 or created:2026-01-01..2026-01-31',
  operation: 'operation:create',
  ip: 'ip:192.0.2.1',
  hashed_token: 'hashed_token:"R2g5…="',
  request_id: 'request_id:…, as the header X-GitHub-Request-Id told it',
};

/** Inner quotes can't be: a value is quoted as a whole or not at all. */
function unquoted(text: string): string {
  const [, inner] = /^"(.*)"$/s.exec(text) ?? [];
  return inner ?? text.replaceAll('"', '');
}

function readOperation(operation: string): Outcome<Test> {
  if ((operationNames as readonly string[]).includes(operation))
    return done({ kind: 'operation', operation });
  return wrong(`There is no operation ${clipped(operation)}: it is one of ${operationNames.join(', ')}.`);
}

const HASH_BYTES = 32;

/** The padding may be missing: what is copied from elsewhere often lacks it (ghes-spec 12.2). */
function readHash(text: string): Outcome<Test> {
  const hash = Buffer.from(text, 'base64');
  const isBase64 = /^[A-Za-z0-9+/]{42,43}={0,2}$/.test(text) && hash.length === HASH_BYTES;
  if (isBase64) return done({ kind: 'hashed_token', hash });
  return wrong('hashed_token needs the SHA-256 of a token in base64, in quotes.');
}

/** `2026-01-31`, `>=2026-01-01`, `2026-01-01..2026-01-31`, `*..2026-01-31`; days are whole ones, in UTC. */
function readCreated(text: string): Outcome<Test> {
  const range = /^(.+?)\.\.(.+)$/.exec(text);
  if (range !== null) {
    const [, first = '', last = ''] = range;
    const start = first === '*' ? null : readMoment(first);
    const end = last === '*' ? null : readMoment(last);
    if (start === undefined || end === undefined) return wrong(notADate);
    return done({ kind: 'created', from: start?.from ?? null, until: end?.until ?? null });
  }
  const [, sign = '', rest = ''] = /^(>=|<=|>|<)?(.*)$/s.exec(text) ?? [];
  const moment = readMoment(rest);
  if (moment === undefined) return wrong(notADate);
  switch (sign) {
    case '>=':
      return done({ kind: 'created', from: moment.from, until: null });
    case '>':
      return done({ kind: 'created', from: moment.until, until: null });
    case '<=':
      return done({ kind: 'created', from: null, until: moment.until });
    case '<':
      return done({ kind: 'created', from: null, until: moment.from });
    default:
      return done({ kind: 'created', ...moment });
  }
}

const notADate = `created needs a date, like ${examples.created}.`;
const DAY_MS = 24 * 60 * 60_000;

/** A day, or a second of one: its first instant and the one after its last. */
function readMoment(text: string): { readonly from: number; readonly until: number } | undefined {
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/i.test(text);
  if (!day && !instant) return undefined;
  const from = Date.parse(day ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(from)) return undefined;
  // There is no February 30: what Date makes of it is another day than was asked for.
  if (day && new Date(from).toISOString().slice(0, 10) !== text) return undefined;
  return { from, until: from + (day ? DAY_MS : 1000) };
}

function clipped(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function wrong(message: string): Outcome<never> {
  return refused({ field: 'phrase', code: 'invalid', message });
}
