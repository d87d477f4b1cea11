// What people paste to set up git on their computer: for each system the helpers that keep a token for git, as lines
// for this very instance, or why one of them does not fit it. No line ever holds a token: what stands in a command is
// kept in the shell's history and shown by `ps`; helpers and gh ask for it.

export type System = 'linux' | 'macos' | 'windows';

export const systems: readonly System[] = ['linux', 'macos', 'windows'];

export interface SetUp {
  readonly name: string;
  /** What it does, in a sentence or two. */
  readonly text: string;
  /** Empty where it does not fit this instance, as the text then says. */
  readonly lines: readonly string[];
}

export interface Instance {
  /** Base of its links, without a trailing slash: `https://git.example.com`. */
  readonly url: string;
  readonly login: string;
}

/** The ways to keep a token on a system, the one to begin with first. */
export function waysOn(system: System, instance: Instance): readonly SetUp[] {
  const [cache, store, keychain, manager, gh] = [
    inMemory(instance),
    inFile(instance),
    inKeychain(instance),
    byManager(system, instance),
    byGh(instance),
  ];
  switch (system) {
    case 'linux':
      return [cache, manager, gh, store];
    case 'macos':
      return [keychain, cache, manager, gh];
    case 'windows':
      return [manager, gh];
  }
}

/** From an SSH address of a repository to its HTTPS address. @param repository `owner/name` */
export function toHttps({ url }: Pick<Instance, 'url'>, repository: string): readonly string[] {
  return ['git remote -v', `git remote set-url origin ${word(`${url}/${repository}.git`)}`, 'git fetch'];
}

/** Has the helpers forget what they keep for this instance, so that git asks again. */
export function toForget({ url }: Pick<Instance, 'url'>): readonly string[] {
  const { protocol, host } = new URL(url);
  return [`printf "protocol=${protocol.slice(0, -1)}\\nhost=${host}\\n\\n" | git credential reject`];
}

/**
 * The host name under which gh reaches this instance; null: it does not. gh takes no port, and speaks HTTPS, but for
 * one name (ghes-spec 8.3).
 */
export function hostForGh({ url }: Pick<Instance, 'url'>): string | null {
  const { protocol, hostname, port } = new URL(url);
  if (port !== '') return null;
  const fits = protocol === 'https:' ? !hostname.startsWith('[') : hostname === 'github.localhost';
  return fits ? hostname : null;
}

function inMemory(instance: Instance): SetUp {
  return {
    name: 'Keep the token in memory',
    text: 'git’s own cache: the token is on no disk, and forgotten after eight hours or when the computer restarts.',
    lines: [named(instance), setting(instance, 'helper', 'cache --timeout=28800')],
  };
}

function inFile(instance: Instance): SetUp {
  return {
    name: 'Keep the token in a file',
    text:
      'git’s own store writes it to ~/.git-credentials as it is: whoever can read your files can read it. For machines ' +
      'that nobody else uses, with a token that does little.',
    lines: [named(instance), setting(instance, 'helper', 'store')],
  };
}

function inKeychain(instance: Instance): SetUp {
  return {
    name: 'Keep the token in the keychain',
    text: 'osxkeychain comes with git on macOS. The keychain is locked when you are.',
    lines: [named(instance), setting(instance, 'helper', 'osxkeychain')],
  };
}

function byManager(system: System, instance: Instance): SetUp {
  const name = 'Git Credential Manager';
  if (!instance.url.startsWith('https:')) {
    return {
      name,
      text: `It takes addresses with HTTPS only, and this instance is at ${instance.url}: use another way.`,
      lines: [],
    };
  }
  const comes =
    system === 'windows' ? 'It comes with Git for Windows.' : 'Install it first: it does not come with git.';
  return {
    name,
    text: `${comes} It opens your browser to sign in, or takes a token, and keeps it where the system keeps passwords.`,
    lines: [
      system === 'windows'
        ? 'git config --global credential.helper manager'
        : 'git-credential-manager configure',
      setting(instance, 'provider', 'github'),
    ],
  };
}

function byGh(instance: Instance): SetUp {
  const name = 'GitHub CLI (gh)';
  const host = hostForGh(instance);
  if (host === null) {
    return {
      name,
      text:
        `gh takes no port in the name of a host and speaks HTTPS on port 443 (or plain HTTP with github.localhost, ` +
        `on port 80). This instance is at ${instance.url}, so gh can’t reach it: use another way.`,
      lines: [],
    };
  }
  return {
    name,
    text: 'It asks whether to open your browser or to take a token, and then answers for git.',
    lines: [`gh auth login --hostname ${host} --git-protocol https`, `gh auth setup-git --hostname ${host}`],
  };
}

/** git then asks for the token alone. Any name would do. */
function named(instance: Instance): string {
  return setting(instance, 'username', instance.login);
}

/** Of this instance alone: other hosts keep their helpers. */
function setting({ url }: Instance, name: 'helper' | 'username' | 'provider', value: string): string {
  return `git config --global ${word(`credential.${url}.${name}`)} ${word(value)}`;
}

/** As one word of a shell, also of Windows's. Nothing in it comes from strangers: addresses and logins have no quotes. */
function word(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `"${text}"`;
}
