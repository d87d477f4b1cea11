// Keys as the API shows them (GHES 3.8 `key`, `deploy-key`, and the fields that newer versions have).
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { Key } from './keys.ts';

type Urls = Pick<Config, 'url'>;

export function keyJson(config: Urls, key: Key) {
  return {
    id: key.id,
    key: key.key,
    url: `${apiRoot(config)}/user/keys/${key.id}`,
    title: key.title,
    verified: key.verified,
    created_at: timestamp(key.createdAt),
    read_only: key.readOnly,
    last_used: key.lastUsedAt === null ? null : timestamp(key.lastUsedAt),
  };
}

/** @param repository `owner/name`, as it is called now */
export function deployKeyJson(config: Urls, repository: string, key: Key) {
  return {
    ...keyJson(config, key),
    url: `${apiRoot(config)}/repos/${repository}/keys/${key.id}`,
    added_by: key.addedBy,
    enabled: key.enabled,
  };
}

/** As everybody may see it (ghes-spec 7.2). */
export function publicKeyJson({ id, key }: Key) {
  return { id, key };
}
