// Git over SSH, measured from outside on the running server: whole fetches and pushes by every kind of key, compared
// with the permissions that are written by hand.
import ssh2 from 'ssh2';
import { expected } from '../../src/access/expected.ts';
import { addDeployKey } from '../../src/keys/deploy-keys.ts';
import { addKey, type KeyMaker } from '../../src/keys/keys.ts';
import { valueIn } from '../context.ts';
import { type Exchange, exchanges, fetchByVersion0, wentThrough } from './exchange.ts';
import { type AllPushes, actionsOf, bothVisibilities } from './git.ts';
import type { Visible } from './oracle.ts';
import type { Grant, Login, World } from './world.ts';

/** How far a key reaches by whom or what it belongs to: `public` only what everybody may read. */
type Reach = 'nothing' | 'public' | 'read' | 'write';

export interface KeySample {
  readonly name: string;
  readonly reach: Reach;
  readonly mayChangeWorkflows: boolean;
  readonly privateKey: string;
}

export interface SshMeasured {
  readonly key: KeySample;
  /** `fetch public`. */
  readonly opens: ReadonlySet<`${Exchange} ${Visible}`>;
}

const byPerson: KeyMaker = { madeBy: 'person', tokenId: null, applicationId: null, mayChangeWorkflows: true };

/** Makes a key of every kind; deploy keys are for each of the two repositories of the world. */
export async function plantKeys(world: World): Promise<(visibility: Visible) => readonly KeySample[]> {
  const { ctx, accounts, things } = world;
  const ofPeople: KeySample[] = [];
  const ofRepositories: Record<Visible, KeySample[]> = { public: [], private: [] };
  // Of its Ed25519 keys, one in some hundred is damaged: it drops a zero at the front.
  const pair = () => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

  const ofPerson = async (name: string, login: Login, reach: Reach, column?: 'verified' | 'enabled') => {
    const { public: key, private: privateKey } = pair();
    const { id } = valueIn(await addKey(ctx, accounts[login], { title: name, key, maker: byPerson }));
    if (column !== undefined) {
      await ctx.db
        .updateTable('ssh_keys')
        .set({ [column]: 0 })
        .where('id', '=', id)
        .execute();
    }
    ofPeople.push({ name, reach, mayChangeWorkflows: true, privateKey });
  };
  /** Through the API, as scripts do. */
  const byToken = async (name: string, login: Login, grant: Grant, at: string): Promise<KeySample> => {
    const { public: key, private: privateKey } = pair();
    const { statusCode, body } = await world.ask({
      method: 'POST',
      url: `/api/v3${at}`,
      headers: { authorization: `Bearer ${world.token(login, grant)}` },
      payload: { title: name, key },
    });
    if (statusCode !== 201) throw new Error(`${name}: ${statusCode} ${body}`);
    return { name, reach: 'write', mayChangeWorkflows: grant === 'all', privateKey };
  };

  await ofPerson('a key of the owner', 'mona', 'write');
  await ofPerson('a key of somebody who may write', 'writer', 'write');
  await ofPerson('a key of somebody who may read', 'reader', 'read');
  await ofPerson('a key of somebody without a role', 'hubot', 'public');
  ofPeople.push(
    await byToken('a writer’s key that a token with `workflow` made', 'writer', 'all', '/user/keys'),
    await byToken('… that a token without `workflow` made', 'writer', 'admin:public_key', '/user/keys'),
  );
  for (const visibility of bothVisibilities) {
    const { id, name: repository } = things[visibility];
    const deploy = async (name: string, to: number, readOnly: boolean, reach: Reach) => {
      const { public: key, private: privateKey } = pair();
      valueIn(await addDeployKey(ctx, to, { title: name, key, readOnly, maker: byPerson }));
      ofRepositories[visibility].push({ name, reach, mayChangeWorkflows: true, privateKey });
    };
    await deploy('a deploy key to read', id, true, 'read');
    await deploy('a deploy key to write', id, false, 'write');
    const at = `/repos/mona/${repository}/keys`;
    const name = '… that a token without `workflow` made';
    ofRepositories[visibility].push(await byToken(name, 'keeper', 'repo', at));
    await deploy('a deploy key of another repository', world.octo.kit, false, 'nothing');
  }
  await ofPerson('a key that is not verified', 'writer', 'nothing', 'verified');
  await ofPerson('a key that is switched off', 'writer', 'nothing', 'enabled');
  await ofPerson('a key of somebody suspended', 'asleep', 'nothing');
  const unknown = { name: 'a key that nobody has', reach: 'nothing', mayChangeWorkflows: true } as const;
  ofPeople.push({ ...unknown, privateKey: pair().private });
  // Deploy keys stand behind those of people who are let in.
  return (visibility) => [
    ...ofPeople.filter(({ reach }) => reach !== 'nothing'),
    ...ofRepositories[visibility],
    ...ofPeople.filter(({ reach }) => reach === 'nothing'),
  ];
}

/** What the hand-written permissions say: judged here, and not by `decide`. */
function mayBy({ reach, mayChangeWorkflows }: KeySample, exchange: Exchange, visibility: Visible): boolean {
  return actionsOf[exchange].every((action) => {
    const { ssh, who } = expected[action];
    if (ssh !== true || (action === 'workflows.write' && !mayChangeWorkflows)) return false;
    if (reach === 'public') return who === 'read or public' && visibility === 'public';
    return reach === 'write' || (reach === 'read' && who === 'read or public');
  });
}

export async function measureGitOverSsh(
  world: World,
  port: number,
  keys: (visibility: Visible) => readonly KeySample[],
  pushes: AllPushes,
): Promise<{ readonly measured: readonly SshMeasured[]; readonly wrong: readonly string[] }> {
  const opens = new Map<string, { readonly key: KeySample; readonly opens: Set<`${Exchange} ${Visible}`> }>();
  const wrong: string[] = [];
  for (const visibility of bothVisibilities) {
    const { name, head } = world.things[visibility];
    for (const [index, key] of keys(visibility).entries()) {
      const place = `${index} ${key.name}`;
      const row = opens.get(place) ?? { key, opens: new Set() };
      opens.set(place, row);
      for (const exchange of exchanges) {
        const service = exchange === 'fetch' ? 'git-upload-pack' : 'git-receive-pack';
        const request = exchange === 'fetch' ? fetchByVersion0(head) : pushes[visibility][exchange];
        const answer = await exchangeOverSsh(port, key.privateKey, `${service} '/mona/${name}.git'`, request);
        const is = wentThrough(exchange, answer);
        if (is) row.opens.add(`${exchange} ${visibility}`);
        if (is && exchange !== 'fetch') await world.restore();
        if (is !== mayBy(key, exchange, visibility)) {
          wrong.push(`${exchange} on ${visibility} over SSH: ${key.name} is ${is ? 'let in' : 'refused'}`);
        }
      }
    }
  }
  return { measured: [...opens.values()], wrong };
}

/** Signs in, runs the command, sends the request after the advertisement. @returns all that was answered */
function exchangeOverSsh(
  port: number,
  privateKey: string,
  command: string,
  request: Buffer | string,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  const client = new ssh2.Client();
  let isRefused = false;
  client
    .on('ready', () =>
      client.exec(command, (error, channel) => {
        if (error !== undefined) return reject(error);
        let isAsked = false;
        channel.on('data', (piece: Buffer) => {
          pieces.push(piece);
          if (isAsked || !Buffer.concat(pieces).subarray(-4).equals(Buffer.from('0000'))) return;
          isAsked = true;
          channel.end(request);
        });
        channel.stderr.resume();
        channel.on('close', () => client.end());
      }),
    )
    .on('error', (error: Error & { readonly level?: string }) => {
      isRefused = error.level === 'client-authentication';
      if (!isRefused) reject(error);
    })
    .on('close', () => resolve(isRefused ? Buffer.alloc(0) : Buffer.concat(pieces)))
    .connect({ host: '127.0.0.1', port, username: 'git', privateKey, readyTimeout: 60_000 });
  return promise;
}
