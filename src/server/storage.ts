// What the server needs of the file systems that hold the repositories.
import { access, constants, stat } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { StartError } from './start-error.ts';

/** A network file system that hangs must not hang the health check with it. */
const PATIENCE_MS = 2_000;

export async function isStorageReady({ repositoriesDirectory }: Config): Promise<boolean> {
  const answers = access(repositoriesDirectory, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false);
  });
  try {
    return await Promise.race([answers, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Deleting a repository moves it to the trash in one step, which works inside one file system only.
 * @throws StartError where it would not
 */
export async function requireOneFileSystem(
  config: Pick<Config, 'repositoriesDirectory' | 'trashDirectory'>,
): Promise<void> {
  const [repositories, trash] = await Promise.all([
    stat(config.repositoriesDirectory),
    stat(config.trashDirectory),
  ]);
  if (repositories.dev === trash.dev) return;
  throw new StartError(
    `${config.repositoriesDirectory} is on another file system than ${config.trashDirectory}: name the folder of ` +
      'the repositories with --repositories, and the trash will be in it.',
  );
}
