// Does the file system that holds the repositories answer?
import { access, constants } from 'node:fs/promises';
import type { Config } from '../config/config.ts';

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
