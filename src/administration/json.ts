// Keys of anybody, as the API shows them to site admins (ghes-spec 6.2).
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import type { Key } from '../keys/keys.ts';

type Urls = Pick<Config, 'url'>;

/** `public-key-full`. */
export function fullKeyJson(config: Urls, key: Key) {
  const { holder } = key;
  return {
    id: key.id,
    key: key.key,
    user_id: holder.kind === 'person' ? holder.account.id : null,
    repository_id: holder.kind === 'repository' ? holder.repository.id : null,
    url:
      holder.kind === 'person'
        ? `${apiRoot(config)}/user/keys/${key.id}`
        : `${apiRoot(config)}/repos/${holder.repository.name}/keys/${key.id}`,
    title: key.title,
    read_only: key.readOnly,
    verified: key.verified,
    created_at: timestamp(key.createdAt),
    added_by: key.addedBy,
    last_used: key.lastUsedAt === null ? null : timestamp(key.lastUsedAt),
  };
}
