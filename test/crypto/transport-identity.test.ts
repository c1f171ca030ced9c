import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { generateKeyPair } from '../../src/crypto/ed25519.js';
import { bytesToHex } from '../../src/crypto/hash.js';
import { formatSecretKey, parseSecretKey } from '../../src/crypto/key-pem.js';
import { createTransportCertificate } from '../../src/crypto/transport-certificate.js';
import { certificatePublicKey } from '../../src/crypto/transport-identity.js';

const { secretKey, publicKey } = generateKeyPair(new Uint8Array(32).fill(5));
const pem = createTransportCertificate(secretKey);

test('a certificate is signed by its own key, bears it, and is valid for decades', (t) => {
  const certificate = new X509Certificate(pem);
  t.true(certificate.verify(certificate.publicKey));
  t.is(certificate.publicKey.asymmetricKeyType, 'ed25519');
  t.is(certificate.validFrom, 'Jan  1 00:00:00 2000 GMT');
  t.is(certificate.validTo, 'Dec 31 00:00:00 2099 GMT');
});

test('equal keys give equal certificates, and different keys different serial numbers', (t) => {
  t.is(createTransportCertificate(secretKey), pem);
  const other = createTransportCertificate(new Uint8Array(32).fill(6));
  t.not(new X509Certificate(other).serialNumber, new X509Certificate(pem).serialNumber);
});

test('serial numbers are positive and of one length, whatever the key', (t) => {
  for (let seed = 0; seed < 40; seed++) {
    const certificate = new X509Certificate(createTransportCertificate(new Uint8Array(32).fill(seed)));
    t.regex(certificate.serialNumber, /^[0-7][0-9A-F]{31}$/);
  }
});

test('the public key of a certificate is read from PEM and from DER', (t) => {
  t.is(certificatePublicKey(pem), bytesToHex(publicKey));
  t.is(certificatePublicKey(new X509Certificate(pem).raw), bytesToHex(publicKey));
  t.is(certificatePublicKey(pem.replaceAll('\n', '\r\n')), bytesToHex(publicKey));
});

test('what is no certificate of an Ed25519 key has no public key, and does not throw', (t) => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'pem', type: 'spki' });
  const der = new X509Certificate(pem).raw;
  for (const text of ['', 'x', rsa as string, pem.slice(0, -40), formatSecretKey(secretKey)]) {
    t.is(certificatePublicKey(text), null);
  }
  for (let length = 0; length < der.length; length += 7) t.is(certificatePublicKey(der.subarray(0, length)), null);
});

test('secret keys come back from PEM, with CRLF and blank lines around it too', (t) => {
  const text = formatSecretKey(secretKey);
  t.true(text.startsWith('-----BEGIN PRIVATE KEY-----\n'));
  for (const form of [text, text.trim(), `\n\n${text}\n`, text.replaceAll('\n', '\r\n')]) {
    t.deepEqual(parseSecretKey(form), secretKey);
  }
});

test('what is no secret key of Ed25519 is told apart', (t) => {
  const pemOf = (type: 'ed448' | 'x25519') =>
    generateKeyPairSync(type as 'ed448').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const text = formatSecretKey(secretKey);
  const encrypted = generateKeyPairSync('ed25519').privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-128-cbc',
    passphrase: 'x',
  }) as string;
  const publicPem = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }) as string;
  const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'sec1' });
  t.deepEqual(parseSecretKey(''), { kind: 'empty' });
  t.deepEqual(parseSecretKey(' \r\n'), { kind: 'empty' });
  t.deepEqual(parseSecretKey(bytesToHex(secretKey).toUpperCase()), { kind: 'notPem' });
  t.deepEqual(parseSecretKey(text + text), { kind: 'notPem' });
  t.deepEqual(parseSecretKey(text.slice(0, -6)), { kind: 'notPem' });
  t.deepEqual(parseSecretKey(publicPem), { kind: 'publicKey' });
  t.deepEqual(parseSecretKey(pem), { kind: 'publicKey' });
  t.deepEqual(parseSecretKey(encrypted), { kind: 'encrypted' });
  t.deepEqual(parseSecretKey(pemOf('ed448')), { kind: 'otherAlgorithm', algorithm: 'ed448' });
  t.deepEqual(parseSecretKey(pemOf('x25519')), { kind: 'otherAlgorithm', algorithm: 'x25519' });
  t.deepEqual(parseSecretKey(sec1 as string), { kind: 'otherAlgorithm', algorithm: 'ec' });
  t.deepEqual(parseSecretKey(text.replace('MC4CAQ', 'MC4CAA')), { kind: 'unreadable' });
});
