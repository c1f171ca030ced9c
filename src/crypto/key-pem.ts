/** The text form of secret keys: PKCS #8 PEM, as OpenSSL and TLS read it. Source: RFC 8410, section 7. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { privateKeyObject } from './ed25519-backends.js';

/** Why a text is not the secret key of an Ed25519 pair. Never holds anything of the text. */
export type SecretKeyProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'notPem' }
  | { readonly kind: 'publicKey' }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'otherAlgorithm'; readonly algorithm: string };

/** Returns the PEM text of a 32-byte secret key. */
export function formatSecretKey(secretKey: Uint8Array): string {
  return privateKeyObject(secretKey).export({ format: 'pem', type: 'pkcs8' }) as string;
}

/** Returns the 32 bytes of a secret key in PEM, or what is wrong. Blank lines around it and CRLF are accepted. */
export function parseSecretKey(text: string): Uint8Array | SecretKeyProblem {
  const pem = text.replaceAll('\r\n', '\n').trim();
  if (pem === '') return { kind: 'empty' };
  const label = /^-----BEGIN ([A-Z0-9 ]+)-----\n[^-]*-----END \1-----$/.exec(pem)?.[1];
  if (label === undefined) return { kind: 'notPem' };
  if (label === 'PUBLIC KEY' || label === 'CERTIFICATE') return { kind: 'publicKey' };
  if (label.includes('ENCRYPTED')) return { kind: 'encrypted' };
  const key = readPrivateKey(pem);
  if (key === null) return { kind: 'unreadable' };
  if (key.asymmetricKeyType !== 'ed25519') {
    return { kind: 'otherAlgorithm', algorithm: key.asymmetricKeyType ?? 'unknown' };
  }
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return new Uint8Array(der.subarray(der.length - 32));
}

function readPrivateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's reasons differ between versions; the caller names the file and how to mend it.
    return null;
  }
}
