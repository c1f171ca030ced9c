/**
 * Makes the certificate of a transport key; apart from what reads one, since only `init` needs it and the library behind it
 * takes as long to load as a third of all else.
 */
import { sign, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { generateKeyPair } from './ed25519.js';
import { privateKeyObject, publicKeyObject } from './ed25519-backends.js';
import { sha256 } from './hash.js';

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
