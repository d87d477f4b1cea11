// The database's history, oldest first. A migration that was released is never edited: add a new one.
// Written with Kysely's schema builder only, so that both dialects run the same text.
import type { Migration } from './migration.ts';
import { accountsTokensRepositories } from './migrations/0001-accounts-tokens-repositories.ts';
import { organizations } from './migrations/0002-organizations.ts';
import { keys } from './migrations/0003-keys.ts';
import { secondFactors } from './migrations/0004-second-factors.ts';
import { notices } from './migrations/0005-notices.ts';
import { audit } from './migrations/0006-audit.ts';
import { tokenUses } from './migrations/0007-token-uses.ts';
import { repositoryExtras } from './migrations/0008-repository-extras.ts';
import { instanceSettings } from './migrations/0009-instance-settings.ts';
import { siteAdministration } from './migrations/0010-site-administration.ts';
import { oauth } from './migrations/0011-oauth.ts';
import { transfers } from './migrations/0012-transfers.ts';
import { keptNames } from './migrations/0013-kept-names.ts';

/** In the order of their versions. */
export const migrations: readonly Migration[] = [
  accountsTokensRepositories,
  organizations,
  keys,
  secondFactors,
  notices,
  audit,
  tokenUses,
  repositoryExtras,
  instanceSettings,
  siteAdministration,
  oauth,
  transfers,
  keptNames,
];
