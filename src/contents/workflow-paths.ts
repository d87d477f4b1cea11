// Which files are workflows (ghes-spec 4.1 `workflow`).

/** Is it something in `.github/workflows`? @param path from the root, without a leading slash */
export function isWorkflowPath(path: string): boolean {
  return path.startsWith('.github/workflows/');
}
