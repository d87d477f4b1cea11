// What is told to webhooks, in GitHub's form (docs, "Webhook events and payloads").
import { anonymous } from '../access/actor.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Acting, Context } from '../context.ts';
import { namedOwner, repositoryApiUrl, repositoryJson } from '../repositories/json.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { LastResponse } from './deliveries.ts';
import type { Hook } from './hooks.ts';

type Urls = Pick<Context, 'config'>;

/** What stands in every payload. */
export function commonPayload(ctx: Acting, repository: Repository) {
  const { account } = ctx.by;
  return {
    repository: repositoryPayload(ctx, repository),
    ...(account === null ? {} : { sender: simpleUserJson(ctx.config, { ...account, siteAdmin: false }) }),
  };
}

function repositoryPayload({ config }: Urls, repository: Repository) {
  const owner = namedOwner(repository);
  return repositoryJson(config, { repository, owner, actor: anonymous, role: null });
}

export function pingPayload(ctx: Acting, repository: Repository, hook: Hook) {
  return {
    zen: 'Keep it logically awesome.',
    hook_id: hook.id,
    hook: hookPayload(ctx, repository, hook, undefined),
    ...commonPayload(ctx, repository),
  };
}

/** A hook as the API shows it (GHES 3.8: hook). Its secret is never told, only that there is one. */
export function hookPayload(
  { config }: Urls,
  repository: Repository,
  hook: Hook,
  last: LastResponse | undefined,
) {
  const url = `${repositoryApiUrl(config, repository)}/hooks/${hook.id}`;
  return {
    type: 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: configJson(hook),
    updated_at: timestamp(hook.updatedAt),
    created_at: timestamp(hook.createdAt),
    url,
    test_url: `${url}/tests`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response:
      last === undefined
        ? { code: null, status: 'unused', message: null }
        : { code: last.code, status: isGood(last.code) ? 'active' : 'failed', message: last.status },
  };
}

export function configJson(hook: Hook) {
  return {
    url: hook.url,
    content_type: hook.contentType,
    insecure_ssl: '0',
    ...(hook.secret === null ? {} : { secret: '********' }),
  };
}

function isGood(code: number): boolean {
  return code >= 200 && code < 300;
}

/** Where the API is, for receivers that serve several. */
export function enterpriseHost({ config }: Urls): string {
  return new URL(apiRoot(config)).host;
}
