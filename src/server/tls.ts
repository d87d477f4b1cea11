// The certificate and its key: read and checked whole, so that a wrong file is told before it is used.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '../config/config.ts';
import { StartError } from './start-error.ts';

export interface TlsMaterial {
  /** The certificate and those that lead to its root, in PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When the certificate ends, milliseconds since 1970. */
  readonly validUntil: number;
}

/** @throws StartError that names the file and what is wrong with it */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  const cert = await read(files.certFile, '--tls-cert (LATCHKEY_TLS_CERT)');
  const key = await read(files.keyFile, '--tls-key (LATCHKEY_TLS_KEY)');
  const certificate = attempt(
    () => new X509Certificate(cert),
    `${files.certFile} (--tls-cert) is not a certificate in PEM form.`,
  );
  const privateKey = attempt(
    () => createPrivateKey(key),
    `${files.keyFile} (--tls-key) is not a private key in PEM form without a passphrase.`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartError(`The key ${files.keyFile} does not belong to the certificate ${files.certFile}.`);
  }
  attempt(
    () => createSecureContext({ cert, key }),
    `TLS can't be served with the certificate ${files.certFile}: it is too weak or its chain is broken.`,
  );
  return { cert, key, validUntil: Date.parse(certificate.validTo) };
}

async function read(file: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `The file of ${flag}, ${file}, can't be read${code === undefined ? '' : ` (${code})`}.`,
    );
  }
}

function attempt<T>(work: () => T, sentence: string): T {
  try {
    return work();
  } catch (error) {
    throw new StartError(sentence, { cause: error });
  }
}
