// The permission table, measured from outside on the running server: over real HTTP, real git and real SSH, compared
// with the permissions that are written by hand. The section on git of docs/permissions.md is made of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentedGit, documentPath, readDocument } from '../permissions/document.ts';
import { type AllPushes, measureGitOverHttp, pushesTo } from '../permissions/git.ts';
import { type LivePlace, startLivePlace } from '../permissions/live.ts';
import { measureRoute } from '../permissions/measure.ts';
import type { Visible } from '../permissions/oracle.ts';
import { measurePage } from '../permissions/pages.ts';
import { type CalledRoute, oneOfEach, registeredRest, writtenPages } from '../permissions/registered.ts';
import { type KeySample, measureGitOverSsh, plantKeys } from '../permissions/ssh.ts';
import { createWorld, type World } from '../permissions/world.ts';

const isLong = process.env.LATCHKEY_LONG === '1';

/** All of them; in the short form some of each kind, for the test in one process has them all. */
const chosen = (routes: readonly CalledRoute[]) => (isLong ? routes : oneOfEach(routes));

describe('on the running server, the permissions', () => {
  let place: LivePlace;
  let world: World;
  let keys: (visibility: Visible) => readonly KeySample[];
  let pushes: AllPushes;
  beforeAll(async () => {
    place = await startLivePlace();
    world = await createWorld({ place, plant: async (made) => (keys = await plantKeys(made)) });
    pushes = pushesTo(world);
  });
  afterAll(() => (world ?? place)?.close());

  it('of the API are those written by hand, for everybody and every scope, by names and by numbers', async () => {
    const wrong: string[] = [];
    for (const [turn, route] of chosen(registeredRest(place)).entries()) {
      wrong.push(...(await measureRoute(world, route, turn)).wrong);
    }
    expect(wrong).toEqual([]);
  });

  it('of the pages are those written by hand, for strangers, other people, and those who have to prove who they are', async () => {
    const wrong: string[] = [];
    for (const page of chosen(writtenPages)) {
      // Whoever asks from the machine itself gets them (the contract: loopback or site admin), and here all do.
      if (page.action !== 'metrics.read') wrong.push(...(await measurePage(world, page)));
    }
    expect(wrong).toEqual([]);
  });

  it('of git are those written by hand: over HTTP for everybody and every scope, over SSH for every kind of key', async () => {
    const overHttp = await measureGitOverHttp(world, place.url, pushes);
    expect(overHttp.wrong).toEqual([]);
    const overSsh = await measureGitOverSsh(world, place.sshPort, keys, pushes);
    expect(overSsh.wrong).toEqual([]);
    const page = documentedGit(overHttp.measured, overSsh.measured, await readDocument());
    await expect(page).toMatchFileSnapshot(documentPath);
  });
});
