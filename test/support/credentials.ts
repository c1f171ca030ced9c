import { generateKeyPairSync, sign } from 'node:crypto';
import type { TransportCredentials } from '../../src/adapters/socket-options.js';

const SEQUENCE = 0x30;
const ED25519 = der(SEQUENCE, der(0x06, Buffer.from([0x2b, 0x65, 0x70])));
const VALIDITY = der(SEQUENCE, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));

/** A transport key with a self-signed certificate, made here so that tests of sockets rest on nothing else. */
export function makeTestCredentials(): { transportKey: string; credentials: TransportCredentials } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const commonName = der(SEQUENCE, der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from('test')));
  const name = der(SEQUENCE, der(0x31, commonName));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const toBeSigned = der(SEQUENCE, version, der(0x02, Buffer.from([1])), ED25519, name, VALIDITY, name, spki);
  const signature = der(0x03, Buffer.from([0]), sign(null, toBeSigned, privateKey));
  const certificate = der(SEQUENCE, toBeSigned, ED25519, signature);
  return {
    transportKey: spki.toString('hex', 12),
    credentials: {
      certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
