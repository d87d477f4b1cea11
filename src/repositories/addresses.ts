// The addresses of a repository's pages. Every name in them is encoded here and nowhere else.

export interface NamedRepository {
  readonly ownerLogin: string;
  readonly name: string;
}

/** `/owner/name`. */
export function repositoryPath({ ownerLogin, name }: NamedRepository): string {
  return `/${encodeURIComponent(ownerLogin)}/${encodeURIComponent(name)}`;
}

/**
 * The page of something in a repository at a branch, tag or commit.
 * @param revision the branch's or tag's name, or a commit id; slashes stay slashes
 * @param path from the root, without a leading slash
 */
export function contentPath(
  repository: NamedRepository,
  page: 'tree' | 'blob' | 'raw' | 'commits' | 'commit',
  revision: string,
  path = '',
): string {
  const end = path === '' ? '' : `/${encodePath(path)}`;
  return `${repositoryPath(repository)}/${page}/${encodePath(revision)}${end}`;
}

/** An archive of what is there at a branch, tag or commit. @param ref `refs/heads/main`, or a commit id */
export function archivePath(repository: NamedRepository, ref: string, format: 'zip' | 'tar.gz'): string {
  return `${repositoryPath(repository)}/archive/${encodePath(ref)}.${format}`;
}

/** Encodes each part of a path, keeping its slashes. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** What `git clone` takes. */
export function cloneUrl(base: string, repository: NamedRepository): string {
  return `${base}${repositoryPath(repository)}.git`;
}

/** What `git clone` takes over SSH. @param base `ssh://git@HOST:PORT` */
export function sshCloneUrl(base: string, repository: NamedRepository): string {
  return `${base}${repositoryPath(repository)}.git`;
}
