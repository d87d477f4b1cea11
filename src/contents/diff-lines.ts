// The lines of a patch, each with its numbers before and after.

export interface DiffLine {
  readonly kind: 'hunk' | 'context' | 'added' | 'removed' | 'note';
  /** The line's number before the change; null where it was not there. */
  readonly before: number | null;
  readonly after: number | null;
  /** Without the sign before it. */
  readonly text: string;
}

/** Reads the hunks of one file's patch (git-diff(1), GENERATING PATCH TEXT). */
export function parsePatch(patch: string): readonly DiffLine[] {
  let before = 0;
  let after = 0;
  return patch.split('\n').map((line): DiffLine => {
    const text = line.slice(1);
    switch (line[0]) {
      case '@': {
        const [, from = '0', to = '0'] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line) ?? [];
        before = Number(from);
        after = Number(to);
        return { kind: 'hunk', before: null, after: null, text: line };
      }
      case '+':
        return { kind: 'added', before: null, after: after++, text };
      case '-':
        return { kind: 'removed', before: before++, after: null, text };
      case '\\':
        return { kind: 'note', before: null, after: null, text: text.trim() };
      default:
        return { kind: 'context', before: before++, after: after++, text };
    }
  });
}
