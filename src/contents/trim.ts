// Cutting characters off the ends of what people push and type. Never by a regular expression such as /\/+$/: that
// tries each run of slashes from each of its characters, which for a hundred thousand of them takes half a minute.

/** Without these characters at its end. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

/** Without slashes at either end. */
export function withoutOuterSlashes(path: string): string {
  let start = 0;
  while (path[start] === '/') start += 1;
  return withoutTrailing(path.slice(start), '/');
}
