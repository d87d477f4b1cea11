// Webhooks of repositories: addresses that are told what happens there.

import ipaddr from 'ipaddr.js';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { hostOf, isPublicHost } from '../network/addresses.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { concerning } from '../repositories/log.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Secret } from '../secrets/secret.ts';
import { readSettings } from '../settings/settings.ts';
import { enqueue } from './deliveries.ts';
import { pingPayload } from './payloads.ts';
import * as store from './store.ts';

export interface Hook {
  readonly id: number;
  readonly repositoryId: number;
  readonly url: string;
  readonly contentType: 'json' | 'form';
  /** Never shown to anybody again. */
  readonly secret: Secret | null;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** All that can be chosen of a hook. */
export interface HookChange {
  readonly url: string;
  readonly contentType: 'json' | 'form';
  readonly secret: Secret | null;
  /** Names of events; `*`: all of them. */
  readonly events: readonly string[];
  readonly active: boolean;
}

/** What is told, beside `ping`. */
export const eventNames = [
  'push',
  'create',
  'delete',
  'status',
  'repository',
  'public',
  'member',
  'deploy_key',
] as const;

/** Further events of GitHub's: they may be asked for, since clients ask for many at once, and never happen here. */
const neverHappening = new Set(
  (
    'branch_protection_rule check_run check_suite commit_comment deployment deployment_status ' +
    'discussion discussion_comment fork gollum issue_comment issues label meta milestone package ' +
    'page_build project project_card project_column pull_request pull_request_review ' +
    'pull_request_review_comment pull_request_review_thread registry_package release ' +
    'repository_import repository_vulnerability_alert star team_add watch workflow_job workflow_run'
  ).split(' '),
);

const MAX_HOOKS = 20;
const MAX_URL_LENGTH = 2000;
const MAX_SECRET_LENGTH = 255;

export function listHooks(ctx: Context, repositoryId: number): Promise<readonly Hook[]> {
  return store.hooksOf(ctx.db, repositoryId);
}

export function findHook(ctx: Context, repositoryId: number, id: number): Promise<Hook | null> {
  return store.hookById(ctx.db, id, repositoryId);
}

/** Makes a hook, and pings it. */
export async function createHook(
  ctx: Acting,
  repository: Repository,
  wanted: HookChange,
): Promise<Outcome<Hook>> {
  return ctx.db.transaction().execute(async (db) => {
    const present = await store.hooksOf(db, repository.id);
    const problems = await hookProblems(ctx, db, wanted, present);
    if (present.length >= MAX_HOOKS) {
      problems.push(custom('base', `A repository cannot have more than ${MAX_HOOKS} hooks.`));
    }
    if (problems.length > 0) return refused(...problems);
    const hook = await store.insertHook(db, repository.id, normal(wanted), ctx.now());
    await record(ctx, db, {
      action: 'hook.create',
      operation: 'create',
      ...(await concerning(db, repository)),
      data: { hook_id: hook.id, events: hook.events, active: hook.active },
    });
    await ping(ctx, db, repository, hook);
    return done(hook);
  });
}

export async function updateHook(
  ctx: Acting,
  repository: Repository,
  id: number,
  wanted: HookChange,
): Promise<Outcome<Hook>> {
  return ctx.db.transaction().execute(async (db) => {
    const others = (await store.hooksOf(db, repository.id)).filter((hook) => hook.id !== id);
    const problems = await hookProblems(ctx, db, wanted, others);
    if (problems.length > 0) return refused(...problems);
    const hook = await store.updateHookRow(db, id, normal(wanted), ctx.now());
    if (hook === null) return refused(custom('base', 'There is no such hook any more.'));
    await record(ctx, db, {
      action: 'hook.config_changed',
      operation: 'modify',
      ...(await concerning(db, repository)),
      data: { hook_id: id, events: hook.events, active: hook.active },
    });
    return done(hook);
  });
}

/** What was told to it is forgotten, too; what is on its way still arrives. */
export async function deleteHook(ctx: Acting, repository: Repository, hook: Hook): Promise<void> {
  await ctx.db.transaction().execute(async (db) => {
    await store.deleteHookRow(db, hook.id);
    await record(ctx, db, {
      action: 'hook.destroy',
      operation: 'remove',
      ...(await concerning(db, repository)),
      data: { hook_id: hook.id, events: hook.events },
    });
  });
}

/** Tells the hook that it is there. @param db a transaction, where it happens in one */
export async function ping(ctx: Acting, db: Db, repository: Repository, hook: Hook): Promise<void> {
  await enqueue(ctx, db, hook, { event: 'ping', payload: pingPayload(ctx, repository, hook) });
}

function normal(wanted: HookChange): HookChange {
  const secret = wanted.secret?.expose() === '' ? null : wanted.secret;
  return { ...wanted, secret, url: new URL(wanted.url).href, events: [...new Set(wanted.events)].sort() };
}

async function hookProblems(
  ctx: Context,
  db: Db,
  { url, secret, events }: HookChange,
  others: readonly Hook[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const urlProblem = whatIsWrongWith(url, (await readSettings(ctx, db)).hooksToPrivateAddresses);
  if (urlProblem !== null) problems.push(urlProblem);
  const text = secret?.expose() ?? '';
  if (text.length > MAX_SECRET_LENGTH || /[\p{Cc}\p{Cs}]/u.test(text)) {
    problems.push(custom('secret', `secret is too long (maximum is ${MAX_SECRET_LENGTH} characters).`));
  }
  if (events.length === 0) problems.push(custom('events', 'A hook needs at least one event.'));
  const unknown = events.find(
    (event) => event !== '*' && !neverHappening.has(event) && !eventNames.includes(event as never),
  );
  if (unknown !== undefined) {
    problems.push(
      custom(
        'events',
        `Events "${unknown.slice(0, 60)}" can not be told here. There are: ${eventNames.join(', ')}.`,
      ),
    );
  }
  if (problems.length > 0) return problems;
  const wanted = normal({ url, secret, events, contentType: 'json', active: true });
  const same = others.some(
    (other) => other.url === wanted.url && other.events.join() === wanted.events.join(),
  );
  return same ? [custom('base', 'Hook already exists on this repository')] : [];
}

/** What a name resolves to is judged each time when it is used (sending.ts). */
function whatIsWrongWith(text: string, allowPrivate: boolean): Problem | null {
  if (text.trim() === '') return { field: 'url', code: 'missing_field', message: "url can't be blank." };
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return custom('url', 'url must be an address that begins with https:// or http://.');
  }
  if (url.username !== '' || url.password !== '') {
    return custom('url', 'url must not hold a user name or password: deliveries are signed with the secret.');
  }
  const host = hostOf(url);
  if (!allowPrivate && !isPublicHost(host, ipaddr.isValid(host) ? [host] : [])) {
    return custom(
      'url',
      `${host} is not a public address: webhooks to private networks are not allowed here.`,
    );
  }
  return null;
}

function custom(field: string, message: string): Problem {
  return { field, code: 'custom', message };
}

/** Logs that somebody has a hook called to see whether it works. @param db the transaction that enqueues the call */
export async function recordTrial(
  ctx: Acting,
  db: Db,
  repository: Repository,
  hook: Hook,
  what: 'ping' | 'test',
): Promise<void> {
  await record(ctx, db, {
    action: `hook.${what}`,
    operation: 'create',
    ...(await concerning(db, repository)),
    data: { hook_id: hook.id },
  });
}
