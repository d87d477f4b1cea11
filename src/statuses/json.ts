// Commit statuses as the API shows them (GHES 3.8: status, simple-commit-status, combined-commit-status).
import { simpleUserJson } from '../accounts/json.ts';
import { nodeId } from '../api/node-ids.ts';
import { timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import { repositoryApiUrl } from '../repositories/json.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Status } from './statuses.ts';

type Urls = Pick<Config, 'url'>;

export function simpleStatusJson(config: Urls, repository: Repository, status: Status) {
  const at = timestamp(status.createdAt);
  return {
    url: `${repositoryApiUrl(config, repository)}/statuses/${status.sha}`,
    avatar_url: `${config.url}/avatars/u/${status.creator?.id ?? 0}`,
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: at,
    updated_at: at,
  };
}

export function statusJson(config: Urls, repository: Repository, status: Status) {
  return {
    ...simpleStatusJson(config, repository, status),
    creator: status.creator === null ? null : simpleUserJson(config, status.creator),
  };
}
