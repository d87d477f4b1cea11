// Names of repositories by the rules of GitHub Enterprise Server: letters, digits, `-`, `_` and `.`, at most 100.
// They are unique per owner without regard to case, shown as they were chosen, and `.git` behind them is no part.
import type { Problem } from '../problems.ts';

const MAX_REPOSITORY_NAME_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 350;
const MAX_BRANCH_BYTES = 244;

const form = /^[a-z0-9._-]+$/i;

/** The form under which a name is looked up: letter case and one `.git` at the end don't matter. */
export function repositoryNameKey(name: string): string {
  const key = name.toLowerCase();
  return key.endsWith('.git') ? key.slice(0, -'.git'.length) : key;
}

/** Could there be a repository of this name? Safe on text of any length. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_REPOSITORY_NAME_LENGTH && nameProblem(text) === null;
}

/** What is wrong with a name that somebody wants to give; null: nothing. Whether it is taken is not asked. */
export function nameProblem(name: string): Problem | null {
  if (name === '')
    return { field: 'name', code: 'missing_field', message: "Repository name can't be blank." };
  if (name.length > MAX_REPOSITORY_NAME_LENGTH) {
    return invalid('name', `Repository name is too long (at most ${MAX_REPOSITORY_NAME_LENGTH} characters).`);
  }
  if (!form.test(name)) {
    return invalid('name', 'Repository name may only contain letters, digits and the characters - _ and .');
  }
  if (name === '.' || name === '..') return invalid('name', 'Repository name is reserved.');
  if (/\.(?:git|wiki)$/i.test(name)) {
    return invalid('name', 'Repository name cannot end with .git or .wiki.');
  }
  return null;
}

/** Null for none: what was typed was only space. */
export function normalDescription(description: string | null): string | null {
  const text = description?.trim() ?? '';
  return text === '' ? null : text;
}

/** What is wrong with a description in normal form. */
export function descriptionProblem(description: string | null): Problem | null {
  if (description === null) return null;
  if ([...description].length > MAX_DESCRIPTION_LENGTH) {
    return invalid('description', `Description is too long (at most ${MAX_DESCRIPTION_LENGTH} characters).`);
  }
  // Nothing that hides or reorders the text around it; joiners stay, since emoji are made of them.
  if (/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(description)) {
    return invalid('description', 'Description contains characters that cannot be shown.');
  }
  return null;
}

/** Is it the name of a branch, without `refs/heads/`? The rules of git-check-ref-format(1). */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-')) return false;
  if (Buffer.byteLength(name) > MAX_BRANCH_BYTES) return false;
  if (/[\p{Cc}\p{Cs} ~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\//u.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** What is wrong with the name of a default branch. */
export function branchProblem(name: string): Problem | null {
  return isBranchName(name) ? null : invalid('default_branch', 'This cannot be the name of a branch.');
}

function invalid(field: string, message: string): Problem {
  return { field, code: 'invalid', message };
}
