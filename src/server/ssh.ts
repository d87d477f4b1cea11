// Where SSH is listened for, and what the operator is told of it.
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { HostKey } from '../ssh/host-keys.ts';
import { listenForSsh, type SshListener } from '../ssh/server.ts';
import { StartError } from './start-error.ts';

/** @returns null where SSH is off, or where nobody asked for the address and it is taken. @throws StartError */
export async function bindSsh({ ssh }: Config, log: Logger): Promise<SshListener | null> {
  if (ssh === null) return null;
  try {
    return await listenForSsh(ssh);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const host = ssh.host.includes(':') ? `[${ssh.host}]` : ssh.host;
    const message = `SSH can't be served at ${host}:${ssh.port} (${code})`;
    if (ssh.isDefault && code === 'EADDRINUSE') {
      log.warn(`${message}: starting without it. Name another address by --ssh-listen, or "off".`);
      return null;
    }
    throw new StartError(
      `${message}: name another address by --ssh-listen (LATCHKEY_SSH_LISTEN), or "off".`,
      {
        cause: error,
      },
    );
  }
}

/** What people compare with what their ssh asks them about. */
export function tellHostKeys(log: Logger, { ssh }: Config, keys: readonly HostKey[]): void {
  const offered = keys.filter(({ signers }) => signers.length > 0);
  const fingerprints = Object.fromEntries(offered.map(({ kind, fingerprint }) => [kind, fingerprint]));
  log.info({ host: ssh?.host, port: ssh?.port, fingerprints }, 'listening for SSH');
}
