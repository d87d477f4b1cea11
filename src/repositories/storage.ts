// Where repositories lie on disk: by id, so that no path is ever built from what a user typed.
import { join } from 'node:path';
import type { Config } from '../config/config.ts';

/** The bare repository's directory; absolute. */
export function repositoryDirectory(config: Pick<Config, 'repositoriesDirectory'>, id: number): string {
  return join(config.repositoriesDirectory, `${id}.git`);
}
