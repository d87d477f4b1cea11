// What was tried with which client, and what came of it: read from the report of vitest, written as the table between
// `<!-- results -->` and `<!-- /results -->` of docs/clients.md. A test's place in the report is its meaning: the
// outermost `describe` names the program, the test what was tried.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramName, programs, replayed, versionOf } from './programs.ts';

export interface Tried {
  readonly program: string;
  readonly version: string;
  readonly what: string;
  readonly outcome: 'works' | 'fails' | 'not tried';
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const outcomes: Readonly<Record<string, Tried['outcome']>> = { passed: 'works', failed: 'fails' };

/** @param json the JSON report of vitest */
export function readResults(json: string): readonly Tried[] {
  const { testResults } = JSON.parse(json) as Report;
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ ancestorTitles: [program = '', ...inner], title, status }) => ({
      program,
      version: versionTold(program),
      what: [...inner, title].join(': '),
      outcome: outcomes[status] ?? 'not tried',
    }))
    .sort((a, b) => compare(a.program, b.program) || compare(a.what, b.what));
}

/** In every place in the same order, whatever its language. */
function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function versionTold(program: string): string {
  const ofSource = replayed[program];
  if (ofSource !== undefined) return ofSource;
  if (program in programs) return versionOf(program as ProgramName) ?? '–';
  try {
    const file = join(import.meta.dirname, '../../node_modules', program, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    return '–';
  }
}

export function tableOf(results: readonly Tried[]): string {
  const rows = results.map((one) => `| ${one.program} | ${one.version} | ${one.what} | ${one.outcome} |`);
  return ['| Client | Version | Tried | Outcome |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

const section = /(?<=<!-- results -->\n)[\s\S]*(?=<!-- \/results -->)/;

/** @throws Error when the document has no place for results */
export function withResults(document: string, results: readonly Tried[]): string {
  if (!section.test(document)) throw new Error('the document has no <!-- results --> … <!-- /results -->');
  return document.replace(section, () => `\n${tableOf(results)}\n`);
}

/** The results that a document tells. */
export function resultsIn(document: string): readonly Tried[] {
  const [text = ''] = section.exec(document) ?? [];
  return text.split('\n').flatMap((line) => {
    const [program, version, what, outcome] = line.replace(/^\| | \|$/g, '').split(' | ');
    if (program === undefined || version === undefined || what === undefined) return [];
    if (program === 'Client' || program === '---') return [];
    return [{ program, version, what, outcome: outcome as Tried['outcome'] }];
  });
}
