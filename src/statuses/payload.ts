// A commit status, told to webhooks (GitHub docs, "Webhook events and payloads", status).
import { timestamp } from '../api/urls.ts';
import type { Acting } from '../context.ts';
import { commonPayload } from '../hooks/payloads.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Status } from './statuses.ts';

export function statusPayload(ctx: Acting, repository: Repository, status: Status) {
  const at = timestamp(status.createdAt);
  return {
    id: status.id,
    sha: status.sha,
    name: `${repository.ownerLogin}/${repository.name}`,
    target_url: status.targetUrl,
    avatar_url: null,
    context: status.context,
    description: status.description,
    state: status.state,
    branches: [],
    created_at: at,
    updated_at: at,
    ...commonPayload(ctx, repository),
  };
}
