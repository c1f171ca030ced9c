/**
 * A replica's key files, in its own directory:
 *
 * - `signing.key`: secret signing key, PKCS #8 PEM, mode 0600;
 * - `transport.key`: secret key of its TLS identity, PKCS #8 PEM, mode 0600;
 * - `transport.crt`: the self-signed certificate of that identity, PEM.
 *
 * Nothing of a secret key stands in any error.
 */
import { join } from 'node:path';
import type { ClusterConfig, ReplicaInfo } from '../config/cluster.js';
import { generateKeyPair } from '../crypto/ed25519.js';
import { bytesToHex } from '../crypto/hash.js';
import { formatSecretKey, parseSecretKey, type SecretKeyProblem } from '../crypto/key-pem.js';
import { certificatePublicKey } from '../crypto/transport-identity.js';
import { ConfigurationError } from '../errors.js';
import type { ReplicaId } from '../protocol/numbers.js';
import { readSmallFile } from './small-files.js';

/** The file of a replica's secret signing key, in the replica's own directory. */
export const SIGNING_KEY_FILE = 'signing.key';
/** The file of the secret key of its TLS identity, beside it. */
export const TRANSPORT_KEY_FILE = 'transport.key';
/** The file of the certificate of that identity, which holds no secret. */
export const TRANSPORT_CERTIFICATE_FILE = 'transport.crt';

/** What a replica needs to sign and to greet. */
export interface ReplicaKeys {
  readonly id: ReplicaId;
  /** 32 bytes. */
  readonly signingSecret: Uint8Array;
  /** PEM texts, as node:tls takes them. */
  readonly transportKey: string;
  readonly transportCertificate: string;
}

const PUT_BACK = 'Put it back from a copy: `hotstuff init` makes new keys for a new cluster only.';
const KEY_FILE = { code: 'KEY_FILE', what: 'a key file', secret: true, missing: PUT_BACK } as const;
const CERTIFICATE_FILE = { code: 'CERTIFICATE_FILE', what: 'a certificate', secret: false, missing: PUT_BACK } as const;

/**
 * Returns the keys of replica `id` from `dir`, the replica's own directory (`D/replica-<id>`).
 * @throws OperationalError when a file cannot be read or others may read it; ConfigurationError when the cluster has
 * no such replica, or a file does not hold the key whose public half stands in the cluster.
 */
export async function loadReplicaKeys(dir: string, cluster: ClusterConfig, id: ReplicaId): Promise<ReplicaKeys> {
  const own = cluster.replicas[id];
  if (own === undefined) throw unknownReplica(cluster, id);
  const signingSecret = await loadSecret(join(dir, SIGNING_KEY_FILE), cluster, {
    id,
    use: 'signing',
    key: own.signingKey,
  });
  const transportFile = join(dir, TRANSPORT_KEY_FILE);
  const transportSecret = await loadSecret(transportFile, cluster, { id, use: 'transport', key: own.transportKey });
  const transportCertificate = await loadCertificate(join(dir, TRANSPORT_CERTIFICATE_FILE), own);
  return { id, signingSecret, transportKey: formatSecretKey(transportSecret), transportCertificate };
}

/** Which key a file must hold. */
interface WantedKey {
  readonly id: ReplicaId;
  readonly use: 'signing' | 'transport';
  /** The public half, hex. */
  readonly key: string;
}

async function loadSecret(path: string, cluster: ClusterConfig, wanted: WantedKey): Promise<Uint8Array> {
  const secret = parseSecretKey(await readSmallFile(path, KEY_FILE));
  if (!(secret instanceof Uint8Array)) throw invalidKey(path, secret);
  const publicKey = bytesToHex(generateKeyPair(secret).publicKey);
  if (publicKey !== wanted.key) throw foreignKey(path, wanted, ownerOf(publicKey, cluster));
  return secret;
}

async function loadCertificate(path: string, own: ReplicaInfo): Promise<string> {
  const certificate = await readSmallFile(path, CERTIFICATE_FILE);
  const publicKey = certificatePublicKey(certificate);
  if (publicKey === own.transportKey) return certificate;
  const found = publicKey === null ? 'holds no Ed25519 certificate' : 'is the certificate of another key';
  throw new ConfigurationError(
    'CERTIFICATE_MISMATCH',
    `${path} ${found}; the transport key of replica ${own.id} is wanted. Put back the file that \`hotstuff init\` wrote.`,
    { path, replica: own.id },
  );
}

const problemTexts = {
  empty: 'is empty',
  notPem: 'is not one PEM block (-----BEGIN PRIVATE KEY-----)',
  publicKey: 'holds a public key or certificate, where the secret key must stand',
  encrypted: 'is encrypted, which is not supported',
  unreadable: 'holds a damaged private key',
  otherAlgorithm: 'holds a key of another algorithm',
} as const satisfies Record<SecretKeyProblem['kind'], string>;

function invalidKey(path: string, problem: SecretKeyProblem): ConfigurationError {
  const detail = problem.kind === 'otherAlgorithm' ? ` (${problem.algorithm})` : '';
  return new ConfigurationError(
    'KEY_FILE_INVALID',
    `${path} ${problemTexts[problem.kind]}${detail}; an Ed25519 secret key in PKCS #8 PEM is wanted. ` +
      'Put back the file that `hotstuff init` wrote.',
    { path, problem: problem.kind },
  );
}

function foreignKey(path: string, wanted: WantedKey, owner: string | null): ConfigurationError {
  const found = owner === null ? 'a key that is not in the cluster' : owner;
  return new ConfigurationError(
    'KEY_MISMATCH',
    `${path} holds ${found}; the ${wanted.use} key of replica ${wanted.id} is wanted. ` +
      'Check that the directory and --replica belong together.',
    { path, replica: wanted.id },
  );
}

/** Whose key it is, in words; null when the cluster does not name it. */
function ownerOf(publicKey: string, cluster: ClusterConfig): string | null {
  for (const { id, signingKey, transportKey } of cluster.replicas) {
    if (publicKey === signingKey) return `the signing key of replica ${id}`;
    if (publicKey === transportKey) return `the transport key of replica ${id}`;
  }
  return null;
}

function unknownReplica(cluster: ClusterConfig, id: number): ConfigurationError {
  const last = cluster.replicas.length - 1;
  return new ConfigurationError(
    'REPLICA_UNKNOWN',
    `replica is ${id}; the cluster has replicas 0 to ${last}. Name one of them.`,
    { replica: id, replicas: cluster.replicas.length },
  );
}
