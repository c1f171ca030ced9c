/**
 * The identity of a replica towards other machines: a self-signed Ed25519 certificate for its transport key.
 *
 * Peers compare the certificate's public key with the one in the cluster configuration and nothing else: no name, no
 * issuer, no date (a wrong clock must not part a cluster). The dates are fixed, and far enough apart for TLS
 * libraries that look at them anyway; equal keys give equal certificates.
 */
import { sign, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { generateKeyPair } from './ed25519.js';
import { privateKeyObject, publicKeyObject } from './ed25519-backends.js';
import { bytesToHex, sha256 } from './hash.js';

/** Ed25519 as key and as signature. Source: RFC 8410, section 3. */
const ED25519 = '1.3.101.112';
const COMMON_NAME = '2.5.4.3';
// biome-ignore lint/style/noRestrictedGlobals: a constant date; no clock is read
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z');
// biome-ignore lint/style/noRestrictedGlobals: a constant date; no clock is read
const NOT_AFTER = new Date('2099-12-31T00:00:00Z');

/** Returns the certificate (PEM) of a transport key, given its 32-byte secret. */
export function createTransportCertificate(transportSecret: Uint8Array): string {
  const { publicKey } = generateKeyPair(transportSecret);
  const spki = publicKeyObject(publicKey).export({ format: 'der', type: 'spki' });
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ED25519 });
  const name = replicaName();
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(publicKey),
    signature: algorithm,
    issuer: name,
    validity: new x509.Validity({ notBefore: NOT_BEFORE, notAfter: NOT_AFTER }),
    subject: name,
    subjectPublicKeyInfo: AsnConvert.parse(spki, x509.SubjectPublicKeyInfo),
  });
  const signed = new Uint8Array(AsnConvert.serialize(tbsCertificate));
  const signatureValue = new Uint8Array(sign(null, signed, privateKeyObject(transportSecret))).buffer;
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue });
  return new X509Certificate(new Uint8Array(AsnConvert.serialize(certificate))).toString();
}

function replicaName(): x509.Name {
  const value = new x509.AttributeValue({ utf8String: 'hotstuff replica' });
  return new x509.Name([
    new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type: COMMON_NAME, value })]),
  ]);
}

/** 16 bytes of the key's hash, the first of them 1 .. 127, so that the integer is positive and of fixed length. */
function serialNumber(publicKey: Uint8Array): ArrayBuffer {
  const bytes = sha256(publicKey).slice(0, 16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x01;
  return bytes.buffer as ArrayBuffer;
}

/**
 * Returns the raw public key (64 lower-case hex digits) in a certificate (PEM, or DER as `getPeerCertificate().raw`
 * gives it), or null when it is no certificate or its key is not Ed25519. Never throws, whatever a peer sends.
 */
export function certificatePublicKey(certificate: string | Uint8Array): string | null {
  const parsed = parseCertificate(certificate);
  const key = parsed?.publicKey;
  if (key?.asymmetricKeyType !== 'ed25519') return null;
  const spki = key.export({ format: 'der', type: 'spki' });
  return bytesToHex(spki.subarray(spki.length - 32));
}

function parseCertificate(certificate: string | Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(certificate);
  } catch {
    // Whatever OpenSSL finds wrong with a peer's bytes, it has one name here.
    return null;
  }
}
