// What a notice looks like as a mail: plain text, on one side of the screen, every foreign text on one line and
// bounded, so that nobody can write a mail of their own through ours.

/** A label and what stands behind it, such as `['Scopes', 'repo, gist']`. Any text is safe here. */
export type Fact = readonly [label: string, value: string];

const MAX_FACT_LENGTH = 300;
const MAX_SUBJECT_LENGTH = 200;

export interface Letter {
  readonly subject: string;
  readonly body: string;
}

export interface LetterParts {
  readonly login: string;
  readonly subject: string;
  /** What happened, as sentences of ours. */
  readonly text: string;
  readonly facts: readonly Fact[];
  /** Where to look at it. */
  readonly link: string;
  /** What to do if it was not the reader who did it. */
  readonly advice?: string;
  /** The base of the instance's links. */
  readonly url: string;
}

export function writeLetter(parts: LetterParts): Letter {
  const width = Math.max(0, ...parts.facts.map(([label]) => label.length)) + 2;
  const facts = parts.facts.map(
    ([label, value]) => `  ${`${label}:`.padEnd(width)}${oneLine(value, MAX_FACT_LENGTH)}`,
  );
  const paragraphs = [
    `Hello ${oneLine(parts.login, MAX_FACT_LENGTH)},`,
    parts.text,
    ...(facts.length === 0 ? [] : [facts.join('\n')]),
    parts.link,
    ...(parts.advice === undefined ? [] : [parts.advice]),
    `-- \nYou get this because you have an account on ${parts.url}.`,
  ];
  return {
    subject: oneLine(`[${new URL(parts.url).host}] ${parts.subject}`, MAX_SUBJECT_LENGTH),
    body: `${paragraphs.join('\n\n')}\n`,
  };
}

/** Nothing that breaks lines, hides, or reorders what stands around it; cut where it is too long. */
export function oneLine(text: string, maxLength: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  if (line.length <= maxLength) return line;
  return `${line
    .slice(0, maxLength - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}

/** An instant for people anywhere: `2026-01-31 23:59 UTC`. @param at milliseconds since 1970 */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
