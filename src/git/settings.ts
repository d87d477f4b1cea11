// What upload-pack and receive-pack are told on every run. These beat the repository's own configuration
// (git-config(1)); what is not named here an administrator may set in a repository.
import type { Limits } from '../config/config.ts';
import { fsckSettings } from './fsck.ts';
import type { Service } from './protocol.ts';

const KIB = 1024;

const common: readonly string[] = [
  // A namespace for what a server keeps for itself: neither shown nor pushed to.
  'transfer.hideRefs=refs/latchkey',
  // Content of this size is stored and sent as it is: no child holds a larger file in memory, or looks for
  // likenesses in it on every clone.
  'core.bigFileThreshold=16m',
  'pack.threads=2',
  'pack.windowMemory=128m',
  'pack.deltaCacheSize=64m',
];

/**
 * A fetch may ask for what can be reached from a ref, never for any object at all: what was pushed away stays
 * away. (Protocol v2 leaves that question to who knows the full name of an object, whatever is set here; see
 * uploadpack.allowAnySHA1InWant in git-config(1). Such an object was once pushed by somebody who may write, and is
 * shown only to who may read.) Filters are those that cost no walk per request: no sparse:oid.
 */
const uploadPack: readonly string[] = [
  // First, since to git "any" includes the two below: after them it would take them back.
  'uploadpack.allowAnySHA1InWant=false',
  'uploadpack.allowTipSHA1InWant=true',
  'uploadpack.allowReachableSHA1InWant=true',
  'uploadpack.allowFilter=true',
  'uploadpackfilter.sparse:oid.allow=false',
];

const receivePack: readonly string[] = [
  ...fsckSettings('receive'),
  'receive.advertiseAtomic=true',
  'receive.advertisePushOptions=true',
  'receive.denyDeleteCurrent=refuse',
  // Packs stay packs: a push of many objects costs one file, and one flush to the disk.
  'receive.unpackLimit=20',
  // What was acknowledged survives a loss of power: objects by default, refs only by this.
  'core.fsync=committed,loose-object,reference',
  'core.fsyncMethod=batch',
];

/** How much a push may add: within the limit of one push, and of what the repository's limit leaves. */
export function pushAllowance(limits: Limits, sizeKib: number): number {
  // 0 would mean "no limit" to git: one byte is too little for any pack, and enough to delete branches.
  return Math.max(1, Math.min(limits.pushBytes, limits.repositoryBytes - sizeKib * KIB));
}

/** Clients never send larger objects as differences: `core.bigFileThreshold` (git-config(1)). */
const MAX_DELTA_RESULT_BYTES = 512 * 1024 * 1024;

/**
 * How much receive-pack may ask the system for at once (GIT_ALLOC_LIMIT, git's wrapper.c): a few kilobytes of
 * differences can make an object of any size, that git holds in memory as a whole. A list of all objects of the largest
 * pack has to fit too.
 */
export function allocationLimit(allowanceBytes: number): number {
  return Math.max(MAX_DELTA_RESULT_BYTES, Math.ceil(allowanceBytes / 4));
}

/** @param allowanceBytes how large a pushed pack may be; of no meaning to upload-pack */
export function settingsFor(service: Service, allowanceBytes: number): readonly string[] {
  return service === 'upload-pack'
    ? [...common, ...uploadPack]
    : [...common, ...receivePack, `receive.maxInputSize=${allowanceBytes}`];
}
