// `git archive` fills `$Format:%G?$` in where a repository's attributes say so, and starts gpg each time it stands
// there, whatever is set: 24 KB of them were 2,000 processes that read a signature which anybody had made up.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { git } from '../../../src/process/git.ts';
import { commitTo } from '../../hostile.ts';
import { startServer } from '../server.ts';

describe('An archive of a commit with a signature', () => {
  it('is made without starting gpg, and what else it is to fill in is filled in', async () => {
    await using outside = await startServer();
    const programs = join(outside.directory, 'programs');
    const marker = join(outside.directory, 'started');
    await mkdir(programs);
    await writeFile(join(programs, 'gpg'), `#!/bin/sh\necho gpg >> '${marker}'\nexit 1\n`);
    await chmod(join(programs, 'gpg'), 0o755);
    await using server = await startServer({ env: { PATH: `${programs}:${process.env.PATH ?? ''}` } });
    await server.person('eve');
    const repository = await server.repository('eve', 'evil', 'public');
    const plain = await commitTo(repository.path, {
      files: {
        '.gitattributes': 'text export-subst\n',
        text: `${'$Format:%G?$ '.repeat(20)} $Format:%an$\n`,
      },
    });
    const run = async (args: readonly string[], input = '') =>
      (await git(args, { repository: repository.path, input })).stdout.toString('utf8');
    const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n';
    const commit = (await run(['cat-file', 'commit', plain])).replace('\n\n', `\n${signature}\n`);
    const signed = (await run(['hash-object', '-w', '-t', 'commit', '--stdin'], commit)).trim();
    await run(['update-ref', 'refs/heads/main', signed]);

    const led = await server.fetch(`/api/v3/repos/eve/evil/tarball/${signed}`);
    expect(led.status).toBe(302);
    const { pathname, search } = new URL(led.headers.get('location') ?? '');
    const answer = await server.fetch(`${pathname}${search}`);
    expect(answer.status).toBe(200);
    const tar = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString('latin1');
    expect(tar).toContain(' Eve\n');
    expect(tar).not.toContain('$Format');
    await expect(readFile(marker, 'utf8')).rejects.toThrow('ENOENT');
  });
});
