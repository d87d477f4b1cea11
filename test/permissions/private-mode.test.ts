// Private mode, measured from outside: whatever a stranger asks for, by any route of any way in, only what is needed
// to come in answers (ghes-spec 5.2 row 4).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionName } from '../../src/access/actions.ts';
import { startWholeApp, type WholeApp } from './app.ts';
import { pagePath } from './pages.ts';
import { sampleFor } from './samples.ts';
import { createWorld, type World } from './world.ts';

/** By which people come in, and applications that show what they are; of the API, Git Credential Manager asks /meta before it has a credential. */
const door: ReadonlySet<ActionName> = new Set([
  'session.create',
  'session.end',
  'setup.complete',
  'password.choose',
  // Answered with 200 whatever is wrong: here, that no client is named.
  'oauth-tokens.issue',
  'device-codes.issue',
  'oauth-metadata.read',
]);
const open = ['/api/v3/meta', '/assets/:file'];

let world: World;
let closed: WholeApp;
beforeAll(async () => {
  world = await createWorld();
  closed = await startWholeApp({
    privateMode: true,
    repositoriesDirectory: world.ctx.config.repositoriesDirectory,
    db: world.ctx.db,
  });
}, 120_000);
afterAll(async () => {
  await closed?.close();
  await world?.close();
});

describe('In private mode', () => {
  it('no route tells a stranger anything, but the door', async () => {
    const told: string[] = [];
    let asked = 0;
    for (const { methods, url, action } of closed.routes) {
      for (const method of methods) {
        const isRest = url.startsWith('/api/v3');
        const path = isRest
          ? `/api/v3${sampleFor(method === 'HEAD' ? 'GET' : method, url.slice('/api/v3'.length) || '/', world, world.things.public, 'mona').path}`
          : pagePath(world, url, 'public', 'mona');
        const answer = await closed.ask({
          method,
          url: url.endsWith('/info/refs') ? `${path}?service=git-upload-pack` : path,
        });
        asked += 1;
        const text = `${answer.body} ${answer.headers.location ?? ''}`;
        const isDoor = door.has(action) || open.includes(url);
        if (answer.statusCode < 300 && !isDoor) told.push(`${method} ${path}: ${answer.statusCode}`);
        if (answer.statusCode >= 500) told.push(`${method} ${path}: ${answer.statusCode}`);
        if (isRest && !open.includes(url) && answer.statusCode !== 401) {
          told.push(`${method} ${path}: ${answer.statusCode}`);
        }
        if (text.includes('README') && !path.includes('README')) told.push(`${method} ${path} names a file`);
      }
    }
    expect(told).toEqual([]);
    expect(asked).toBeGreaterThan(300);
    // The same server, asked by somebody: all is there.
    const headers = { authorization: `Bearer ${world.token('hubot', 'none')}` };
    const answer = await closed.ask({ url: '/api/v3/repos/mona/open', headers });
    expect(answer.statusCode).toBe(200);
    expect((await closed.ask({ url: '/api/v3/meta' })).statusCode).toBe(200);
  });
});
