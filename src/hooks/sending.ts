// Makes the deliveries that wait: several at once, few of one hook, tried again later when the other side is not there.
// Each is claimed in the database first, so that it is made once, however many processes there are.
import { createHmac } from 'node:crypto';
import { enterpriseVersion } from '../api/headers.ts';
import type { Context } from '../context.ts';
import { type Resolve, systemResolve } from '../network/addresses.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import { readSettings } from '../settings/settings.ts';
import { enterpriseHost } from './payloads.ts';
import { send } from './request.ts';
import * as store from './store.ts';

const MINUTE = 60_000;

/** How often the server looks whether something waits. */
export const DELIVER_EVERY_MS = 1_000;
/** As GitHub: who takes longer is told that it took too long. */
const TIMEOUT_MS = 10_000;
/** Longer than a delivery may take; after it, another process may try. */
const CLAIM_MS = 2 * MINUTE;
const AT_ONCE = 8;
const AT_ONCE_OF_HOOK = 2;
/** After the first failure, the second, …; then it is given up. */
const RETRY_MS = [1, 5, 30, 120].map((minutes) => minutes * MINUTE);

export interface Deliverer {
  /** Begins what is due; does not wait for it. */
  deliver(): Promise<void>;
  /** Resolves when nothing goes on. */
  idle(): Promise<void>;
  /** Begins nothing more, and waits for what goes on: ten seconds at most. */
  close(): Promise<void>;
}

export interface DelivererOptions {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

export function createDeliverer(
  ctx: Context,
  { resolve = systemResolve, timeoutMs = TIMEOUT_MS }: DelivererOptions = {},
): Deliverer {
  const by = randomSecret(ctx.random).expose();
  const running = new Map<Promise<void>, number>();
  let closed = false;

  const busy = () => {
    const ids = [...running.values()];
    return [...new Set(ids)].filter((id) => ids.filter((other) => other === id).length >= AT_ONCE_OF_HOOK);
  };

  async function deliver(): Promise<void> {
    while (!closed && running.size < AT_ONCE) {
      const now = ctx.now();
      const claimed = await store.claimDelivery(ctx.db, now, { by, until: now + CLAIM_MS }, busy());
      if (claimed === null) return;
      const work = deliverOne(claimed).catch((error: unknown) => {
        ctx.log.error({ err: error, delivery: claimed.id }, 'a delivery could not be made');
      });
      running.set(work, claimed.hook.id);
      void work.then(() => running.delete(work));
    }
  }

  async function deliverOne({ id, hook, guid, event, payload, tries }: store.Claimed): Promise<void> {
    const begin = performance.now();
    const body = hook.contentType === 'json' ? payload : `payload=${encodeURIComponent(payload)}`;
    const headers = {
      accept: '*/*',
      'user-agent': 'GitHub-Hookshot/latchkey',
      'content-type': hook.contentType === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': String(hook.id),
      'x-github-hook-installation-target-id': String(hook.repositoryId),
      'x-github-hook-installation-target-type': 'repository',
      'x-github-enterprise-host': enterpriseHost(ctx),
      'x-github-enterprise-version': enterpriseVersion,
      ...(hook.secret === null ? {} : signatures(hook.secret, body)),
    };
    const allowPrivate = (await readSettings(ctx)).hooksToPrivateAddresses;
    const sent = await send({ url: hook.url, headers, body }, { allowPrivate, resolve, timeoutMs });
    const wait = sent.worthAnotherTry ? RETRY_MS[tries - 1] : undefined;
    const now = ctx.now();
    await store.noteAttempt(ctx.db, id, by, {
      deliveredAt: now,
      durationMs: Math.round(performance.now() - begin),
      status: sent.status,
      statusCode: sent.code,
      requestHeaders: JSON.stringify(headers),
      responseHeaders: JSON.stringify(sent.headers),
      responseBody: sent.body,
      nextTryAt: wait === undefined ? null : now + wait,
    });
  }

  const idle = async () => {
    while (running.size > 0) await Promise.all(running.keys());
  };
  return {
    deliver,
    idle,
    async close() {
      closed = true;
      await idle();
    },
  };
}

/** The second is of no use any more; old receivers read no other. */
function signatures(secret: Secret, body: string): Readonly<Record<string, string>> {
  const signed = (algorithm: 'sha256' | 'sha1') =>
    createHmac(algorithm, secret.expose()).update(body).digest('hex');
  return {
    'x-hub-signature': `sha1=${signed('sha1')}`,
    'x-hub-signature-256': `sha256=${signed('sha256')}`,
  };
}
