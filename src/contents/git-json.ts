// Commits, branches, tags and files as the API shows them (GHES 3.8: commit, branch-with-protection, content-file …).
import { nodeId } from '../api/node-ids.ts';
import { timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import { repositoryPath } from '../repositories/addresses.ts';
import { repositoryApiUrl, repositoryPageUrl } from '../repositories/json.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Changes, FileChange } from './changes.ts';
import type { Commit, Signatory } from './commit-object.ts';
import type { Branch, Tag } from './refs.ts';
import type { TreeEntry } from './trees.ts';

/** Where a repository is found, on the web and in the API; what the objects of its history are addressed by. */
export interface Place {
  readonly repositoryId: number;
  readonly api: string;
  readonly page: string;
  /** Where its files are as they are, for programs. */
  readonly raw: string;
}

export function placeOf(config: Pick<Config, 'url'>, repository: Repository): Place {
  return {
    repositoryId: repository.id,
    api: repositoryApiUrl(config, repository),
    page: repositoryPageUrl(config, repository),
    raw: `${config.url}/raw${repositoryPath(repository)}`,
  };
}

/** A path or a ref as part of an address: its slashes stay. */
export function inAddress(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

export function commitJson(place: Place, commit: Commit) {
  const url = `${place.api}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', `${place.repositoryId}:${commit.sha}`),
    commit: {
      author: signatoryJson(commit.author),
      committer: signatoryJson(commit.committer),
      message: commit.message,
      tree: { sha: commit.treeSha, url: `${place.api}/git/trees/${commit.treeSha}` },
      url: `${place.api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: verificationJson(commit),
    },
    url,
    html_url: `${place.page}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    // Addresses in commits are whatever their authors wrote: they prove nobody's account, so none is named.
    author: null,
    committer: null,
    parents: parentsJson(place, commit, 'commits'),
  };
}

export function commitWithChangesJson(place: Place, commit: Commit, changes: Changes) {
  const { additions, deletions } = changes;
  return {
    ...commitJson(place, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: changes.files.map((file) => fileChangeJson(place, commit.sha, file)),
  };
}

/** A commit as the object that git keeps (GHES 3.8: git-commit). */
export function gitCommitJson(place: Place, commit: Commit) {
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', `${place.repositoryId}:${commit.sha}`),
    url: `${place.api}/git/commits/${commit.sha}`,
    html_url: `${place.page}/commit/${commit.sha}`,
    author: signatoryJson(commit.author),
    committer: signatoryJson(commit.committer),
    tree: { sha: commit.treeSha, url: `${place.api}/git/trees/${commit.treeSha}` },
    message: commit.message,
    parents: parentsJson(place, commit, 'git/commits'),
    verification: verificationJson(commit),
  };
}

function parentsJson(place: Place, commit: Commit, below: string) {
  return commit.parents.map((sha) => ({
    sha,
    url: `${place.api}/${below}/${sha}`,
    html_url: `${place.page}/commit/${sha}`,
  }));
}

export function signatoryJson({ name, email, date }: Signatory) {
  return { name, email, date: timestamp(date) };
}

/** No signature is checked yet, so none is called good. */
function verificationJson({ signature }: Pick<Commit, 'signature'>) {
  return {
    verified: false,
    reason: signature === null ? 'unsigned' : 'unknown_key',
    signature: signature?.text ?? null,
    payload: signature?.payload ?? null,
  };
}

function fileChangeJson(place: Place, sha: string, file: FileChange) {
  const path = inAddress(file.path);
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${place.page}/blob/${sha}/${path}`,
    raw_url: `${place.page}/raw/${sha}/${path}`,
    contents_url: `${place.api}/contents/${path}?ref=${sha}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

export function branchJson(place: Place, branch: Branch) {
  return {
    name: branch.name,
    commit: { sha: branch.sha, url: `${place.api}/commits/${branch.sha}` },
    protected: branch.protected,
    protection: {
      enabled: false,
      required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
    },
    protection_url: `${place.api}/branches/${inAddress(branch.name)}/protection`,
  };
}

export function branchWithCommitJson(place: Place, branch: Branch, commit: Commit) {
  return {
    ...branchJson(place, branch),
    commit: commitJson(place, commit),
    _links: {
      self: `${place.api}/branches/${inAddress(branch.name)}`,
      html: `${place.page}/tree/${inAddress(branch.name)}`,
    },
  };
}

export function tagJson(place: Place, tag: Tag) {
  return {
    name: tag.name,
    zipball_url: `${place.api}/zipball/refs/tags/${inAddress(tag.name)}`,
    tarball_url: `${place.api}/tarball/refs/tags/${inAddress(tag.name)}`,
    commit: { sha: tag.sha, url: `${place.api}/commits/${tag.sha}` },
    node_id: nodeId('Ref', `${place.repositoryId}:refs/tags/${tag.name}`),
  };
}

/** Something at a path of a commit, without its content; `ref` as the request named it. */
export function entryJson(place: Place, entry: TreeEntry, ref: string) {
  const path = inAddress(entry.path);
  const self = `${place.api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const submodule = entry.type === 'submodule';
  const directory = entry.type === 'dir';
  const git = submodule ? null : `${place.api}/git/${directory ? 'trees' : 'blobs'}/${entry.sha}`;
  const html = submodule ? null : `${place.page}/${directory ? 'tree' : 'blob'}/${inAddress(ref)}/${path}`;
  return {
    name: entry.name,
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: submodule || directory ? null : `${place.raw}/${inAddress(ref)}/${path}`,
    type: entry.type,
    _links: { self, git, html },
  };
}

/** Base64 in lines of 60 characters, as GitHub sends it. */
export function base64Lines(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{1,60}/g, '$&\n');
}
