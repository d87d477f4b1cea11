// How to get a repository onto one's own machine, and how to fill an empty one.
import type { JSX } from 'preact';
import { Icon } from '../web/icon.tsx';
import { usePage } from '../web/page-context.ts';
import { CopyButton } from '../web/parts.tsx';
import { archivePath, cloneUrl, repositoryPath, sshCloneUrl } from './addresses.ts';
import type { Repository } from './repositories.ts';

interface OfRepository {
  readonly repository: Repository;
}

/** The clone URLs, each with a button that copies it. */
export function CloneUrl({ repository }: OfRepository): JSX.Element {
  const { url, sshUrl } = usePage();
  return (
    <>
      <CopiedUrl id="clone-url" label="Clone with HTTPS" url={cloneUrl(url, repository)} />
      {sshUrl !== null && (
        <CopiedUrl
          id="ssh-clone-url"
          label="Clone with SSH"
          url={sshCloneUrl(sshUrl, repository)}
          copy="Copy SSH clone URL"
        />
      )}
    </>
  );
}

interface CopiedUrlProps {
  readonly id: string;
  readonly label: string;
  readonly url: string;
  readonly copy?: string;
}

function CopiedUrl({ id, label, url, copy = 'Copy clone URL' }: CopiedUrlProps): JSX.Element {
  return (
    <div class="clone-url">
      <label for={id}>{label}</label>
      <div class="clone-url-row">
        <input id={id} class="form-control input-monospace" type="text" readOnly value={url} />
        <CopyButton from={id} label={copy} />
      </div>
    </div>
  );
}

/** Where the password that git asks for comes from. */
export function TokenHint({ repository }: OfRepository): JSX.Element {
  return (
    <p class="muted clone-hint">
      When git asks for a password, give it a{' '}
      <a href="/settings/tokens/new?scopes=repo">personal access token</a>. SSH takes one of your{' '}
      <a href="/settings/keys">SSH keys</a>.{' '}
      <a href={`/settings/git?repository=${repositoryPath(repository).slice(1)}`}>Set up git</a> to keep it.
    </p>
  );
}

/** What is there at a branch, without git. */
export function DownloadLink({
  repository,
  branch,
}: OfRepository & { readonly branch: string }): JSX.Element {
  return (
    <p class="download-link">
      <Icon name="file-zip" />
      <a href={archivePath(repository, `refs/heads/${branch}`, 'zip')} download>
        Download ZIP
      </a>
    </p>
  );
}

/** The front page of a repository into which nothing was pushed yet. */
export function EmptyRepository({
  repository,
  mayPush,
}: OfRepository & { readonly mayPush: boolean }): JSX.Element {
  const { url } = usePage();
  const { name, defaultBranch } = repository;
  const remote = cloneUrl(url, repository);
  if (!mayPush) {
    return (
      <div class="Box Box-body">
        <h2 class="h3">This repository is empty</h2>
        <p class="muted">Nothing was pushed to it yet.</p>
        <CloneUrl repository={repository} />
      </div>
    );
  }
  const branch = shellWord(defaultBranch);
  const push = [`git branch -M ${branch}`, `git push -u origin ${branch}`];
  return (
    <div class="Box">
      <div class="Box-body">
        <h2 class="h3">Quick setup</h2>
        <CloneUrl repository={repository} />
        <TokenHint repository={repository} />
      </div>
      <Commands
        id="create-commands"
        title="…or create a new repository on the command line"
        label="Copy commands for a new repository"
        lines={[
          `echo "# ${name}" >> README.md`,
          'git init',
          'git add README.md',
          'git commit -m "first commit"',
          `git remote add origin ${remote}`,
          ...push,
        ]}
      />
      <Commands
        id="push-commands"
        title="…or push an existing repository from the command line"
        label="Copy commands for an existing repository"
        lines={[`git remote add origin ${remote}`, ...push]}
      />
    </div>
  );
}

/** A branch's name may hold what a shell would run. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

interface CommandsProps {
  readonly id: string;
  readonly title: string;
  readonly label: string;
  readonly lines: readonly string[];
}

function Commands({ id, title, label, lines }: CommandsProps): JSX.Element {
  return (
    <div class="Box-row">
      <div class="heading-line">
        <h2 class="h4">{title}</h2>
        <CopyButton from={id} label={label} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on small screens */}
      <pre id={id} class="commands" tabIndex={0}>
        {lines.join('\n')}
      </pre>
    </div>
  );
}
