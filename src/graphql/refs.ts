// Branches and tags in the schema. Reading them takes what REST asks for contents; each run of git is counted.
import { nodeId } from '../api/node-ids.ts';
import { findRef, refsStartingWith } from '../contents/ref-objects.ts';
import type { Asking } from './asking.ts';
import { type ConnectionArguments, listConnection } from './connections.ts';
import { notFound } from './faults.ts';
import { allow, shortened } from './finding.ts';
import { gitObject } from './git-objects.ts';
import type { RefNode, RepositoryNode, Resolvers } from './resolving.ts';

/** @throws Fault where the caller may not read what is in it */
export function mayRead(asking: Asking, { found }: RepositoryNode, field: string): void {
  const name = `${found.repository.ownerLogin}/${found.repository.name}`;
  allow(asking, 'contents.read', found, {
    missing: notFound(`a Repository with the name '${shortened(name)}'`),
    field,
  });
}

/** @param name without `refs/`: `heads/main` */
async function refNamed(asking: Asking, repository: RepositoryNode, name: string): Promise<RefNode | null> {
  asking.spend('git');
  const ref = await findRef(asking.ctx, repository.found.repository, name);
  return ref === null ? null : { type: 'Ref', repository, refName: ref.name, sha: ref.sha };
}

export async function refByFullName(
  asking: Asking,
  repository: RepositoryNode,
  fullName: string,
): Promise<RefNode | null> {
  mayRead(asking, repository, 'ref');
  return fullName.startsWith('refs/') ? refNamed(asking, repository, fullName.slice(5)) : null;
}

const prefixOf = (fullName: string): string => /^refs\/[^/]+\//.exec(fullName)?.[0] ?? '';

interface RefsArguments extends ConnectionArguments {
  readonly refPrefix: string;
  readonly query?: string | null;
  readonly direction?: 'ASC' | 'DESC' | null;
  readonly orderBy?: { readonly direction: 'ASC' | 'DESC' } | null;
}

export const refResolvers: Resolvers = {
  Repository: {
    defaultBranchRef: (repository: RepositoryNode, _, asking) => {
      mayRead(asking, repository, 'defaultBranchRef');
      return refNamed(asking, repository, `heads/${repository.found.repository.defaultBranch}`);
    },
    ref: async (repository: RepositoryNode, { qualifiedName }, asking) => {
      mayRead(asking, repository, 'ref');
      const short = String(qualifiedName).replace(/^refs\//, '');
      if (/^(heads|tags)\//.test(short)) return refNamed(asking, repository, short);
      return (
        (await refNamed(asking, repository, `heads/${short}`)) ??
        refNamed(asking, repository, `tags/${short}`)
      );
    },
    refs: (repository: RepositoryNode, args: RefsArguments, asking) => {
      mayRead(asking, repository, 'refs');
      const descending = (args.orderBy?.direction ?? args.direction) === 'DESC';
      const wanted = args.query?.toLowerCase() ?? '';
      // GitHub takes it with the slash at its end and without.
      const prefix = args.refPrefix.replace(/^refs\//, '').replace(/\/?$/, '/');
      return listConnection<RefNode>(args, async () => {
        asking.spend('git');
        const all = await refsStartingWith(
          asking.ctx,
          repository.found.repository,
          prefix === '/' ? '' : prefix,
        );
        const chosen = all.filter(({ name }) =>
          name.slice(prefixOf(name).length).toLowerCase().includes(wanted),
        );
        if (descending) chosen.reverse();
        return chosen.map(({ name, sha }) => ({
          item: { type: 'Ref', repository, refName: name, sha },
          position: [name, 0],
        }));
      });
    },
  },
  Ref: {
    id: ({ repository, refName }: RefNode) => nodeId('Ref', `${repository.found.repositoryId}:${refName}`),
    name: ({ refName }: RefNode) => refName.slice(prefixOf(refName).length),
    prefix: ({ refName }: RefNode) => prefixOf(refName),
    repository: ({ repository }: RefNode) => repository,
    target: ({ repository, sha }: RefNode, _, asking) => gitObject(asking, repository, sha),
  },
};
