// A passkey or security key in software, for tests of what no browser would do: it can be told to lie. Signs with
// ES256 and attests nothing, as browsers have authenticators do by default (WebAuthn §6).
import { createSign, generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';

const USER_PRESENT = 1;
const USER_VERIFIED = 4;
const HAS_KEY = 64;

export interface Lies {
  /** The origin that the browser says it is at. */
  readonly origin?: string;
  readonly party?: string;
  /** Did it check its owner? */
  readonly verified?: boolean;
  readonly challenge?: string;
  readonly counter?: number;
  readonly userHandle?: string;
}

export interface Authenticator {
  readonly id: string;
  /** The browser's answer, as the script sends it. */
  create(options: PublicKeyCredentialCreationOptionsJSON, lies?: Lies): string;
  get(options: PublicKeyCredentialRequestOptionsJSON, lies?: Lies): string;
}

export function createAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let userHandle: string | undefined;
  let counter = 0;

  const clientData = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const head = (party: string, lies: Lies, more = 0): Buffer => {
    const count = Buffer.alloc(4);
    counter += 1;
    count.writeUInt32BE(lies.counter ?? counter);
    const flags = USER_PRESENT | (lies.verified === false ? 0 : USER_VERIFIED) | more;
    return Buffer.concat([hash('sha256', lies.party ?? party, 'buffer'), Buffer.of(flags), count]);
  };
  const answer = (response: object): string =>
    JSON.stringify({
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    });

  return {
    id: id.toString('base64url'),
    create(options, lies = {}) {
      userHandle = options.user.id;
      const key = Buffer.concat([
        Buffer.alloc(16),
        Buffer.of(0, id.length),
        id,
        coseKey(publicKey.export({ format: 'jwk' })),
      ]);
      const authData = Buffer.concat([head(options.rp.id ?? '', lies, HAS_KEY), key]);
      const attestation = Buffer.concat([
        Buffer.of(0xa3),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Buffer.of(0xa0),
        text('authData'),
        Buffer.of(0x58, authData.length),
        authData,
      ]);
      return answer({
        clientDataJSON: clientData('webauthn.create', options.challenge, lies).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal', 'not-a-transport'],
      });
    },
    get(options, lies = {}) {
      const client = clientData('webauthn.get', options.challenge, lies);
      const authData = head(options.rpId ?? '', lies);
      const signed = createSign('sha256')
        .update(authData)
        .update(hash('sha256', client, 'buffer'));
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signed.sign(privateKey).toString('base64url'),
        userHandle: lies.userHandle ?? userHandle,
      });
    },
  };
}

/** CBOR text of less than 24 bytes. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)]);
}

/** COSE_Key of an EC2 key (RFC 9053 §7.1): kty EC2, alg ES256, crv P-256, x, y. */
function coseKey({ x = '', y = '' }: { readonly x?: string; readonly y?: string }): Buffer {
  const bytes = (value: string) => Buffer.concat([Buffer.of(0x58, 32), Buffer.from(value, 'base64url')]);
  return Buffer.concat([
    Buffer.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21),
    bytes(x),
    Buffer.of(0x22),
    bytes(y),
  ]);
}
