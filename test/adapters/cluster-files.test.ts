import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadCluster, replicaDirectory } from '../../src/adapters/cluster-files.js';
import { initCluster } from '../../src/adapters/init-cluster.js';
import { loadReplicaKeys } from '../../src/adapters/key-files.js';
import { DATABASE_DIRECTORY } from '../../src/adapters/store-database.js';
import { clusterDefaults } from '../../src/config/create-cluster.js';
import { limits } from '../../src/config/limits.js';
import { createSigner, createVerifier } from '../../src/crypto/ed25519.js';
import { bytesToHex, hexToBytes } from '../../src/crypto/hash.js';
import { parseSecretKey } from '../../src/crypto/key-pem.js';
import { certificatePublicKey } from '../../src/crypto/transport-identity.js';
import { asReplicaId } from '../../src/protocol/numbers.js';

const ONE = asReplicaId(1);

/** A new directory that goes with the test. */
function temporary(t: ExecutionContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'hotstuff-files-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An initialised cluster, with the directory of its replica 1. */
async function initialised(t: ExecutionContext) {
  const dir = join(temporary(t), "a cluster's dir");
  const cluster = await initCluster(dir, clusterDefaults);
  return { dir, cluster, replica: replicaDirectory(dir, ONE) };
}

interface Refusal {
  readonly name?: string;
  readonly code: string;
  readonly says?: readonly string[];
}

/** Asserts one line with that code, which says `says` and nothing of a key. */
async function assertRefused(t: ExecutionContext, load: () => Promise<unknown>, { name, code, says = [] }: Refusal) {
  const error = await t.throwsAsync<Error & { code?: string }>(load, undefined, code);
  t.is(error?.code, code);
  t.is(error?.name, name ?? 'OperationalError');
  for (const part of says) t.true(error?.message.includes(part), `${part} in: ${error?.message}`);
  t.false(error?.message.includes('\n'));
}

/** The paths of all that is synced through file handles from now on, while this file's tests go on beside each other. */
async function watchSyncs(t: ExecutionContext): Promise<ReadonlySet<string>> {
  const synced = new Set<string>();
  const probe = await open(tmpdir(), 'r');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const sync = handles.sync;
  handles.sync = async function (this: FileHandle) {
    synced.add(await readlink(`/proc/self/fd/${this.fd}`));
    return sync.call(this);
  };
  t.teardown(() => {
    handles.sync = sync;
  });
  return synced;
}

test.serial(
  'init syncs every directory in which it has made something: a name is on the disk only with it',
  async (t) => {
    const synced = await watchSyncs(t);
    const { dir, replica } = await initialised(t);
    const drafts = [...synced].filter((path) => path.startsWith(`${dir}.init-`)).map((path) => basename(path));
    t.true(synced.has(dirname(dir)), 'that into which the whole was moved');
    t.true(
      drafts.some((name) => name.startsWith(`${basename(dir)}.init-`)),
      'that of the cluster',
    );
    t.true(drafts.includes(basename(replica)), 'that of a replica');
    t.true(drafts.includes(DATABASE_DIRECTORY), 'that of its database');
  },
);

test('init writes a configuration for all and keys that only their owner can read', async (t) => {
  const { dir, cluster } = await initialised(t);
  t.deepEqual(readdirSync(dir).sort(), ['cluster.json', 'replica-0', 'replica-1', 'replica-2', 'replica-3']);
  for (const { id } of cluster.replicas) {
    const replica = replicaDirectory(dir, id);
    t.deepEqual(readdirSync(replica).sort(), [
      'blocks',
      'safety-record',
      'signing.key',
      'transport.crt',
      'transport.key',
    ]);
    t.is(statSync(replica).mode & 0o777, 0o700);
    for (const file of ['signing.key', 'transport.key']) t.is(statSync(join(replica, file)).mode & 0o777, 0o600);
  }
  t.deepEqual(await loadCluster(dir), cluster);
  t.deepEqual(await loadCluster(join(dir, 'cluster.json')), cluster);
});

test('the keys that init wrote sign and greet as the configuration says', async (t) => {
  const { dir, cluster } = await initialised(t);
  const verifier = createVerifier(cluster.replicas.map(({ signingKey }) => hexToBytes(signingKey)));
  for (const { id, transportKey } of cluster.replicas) {
    const keys = await loadReplicaKeys(replicaDirectory(dir, id), cluster, id);
    const message = Uint8Array.of(id);
    t.true(verifier.verify(id, message, createSigner(keys.signingSecret).sign(message)));
    t.is(certificatePublicKey(keys.transportCertificate), transportKey);
    t.true(parseSecretKey(keys.transportKey) instanceof Uint8Array);
  }
});

test('init makes the directories above, takes an empty one, and writes different keys each time', async (t) => {
  const dir = join(temporary(t), 'x', 'y');
  mkdirSync(dir, { recursive: true });
  const first = await initCluster(dir, clusterDefaults);
  const second = await initCluster(join(dir, '..', 'deep', 'er'), clusterDefaults);
  t.not(first.clusterId, second.clusterId);
});

test('init refuses a directory that is not empty, and a file, and changes nothing there', async (t) => {
  const { dir } = await initialised(t);
  const before = readFileSync(join(dir, 'cluster.json'), 'utf8');
  await assertRefused(t, () => initCluster(dir, clusterDefaults), { code: 'DIRECTORY_NOT_EMPTY', says: [dir] });
  t.is(readFileSync(join(dir, 'cluster.json'), 'utf8'), before);
  const file = join(dir, 'cluster.json');
  await assertRefused(t, () => initCluster(file, clusterDefaults), {
    code: 'DIRECTORY_NOT_USABLE',
    says: ['ENOTDIR'],
  });
  t.deepEqual(readdirSync(dirname(dir)), [basename(dir)]);
});

test('an init that fails leaves nothing behind', async (t) => {
  const parent = temporary(t);
  const dir = join(parent, 'cluster');
  await assertRefused(t, () => initCluster(dir, { ...clusterDefaults, tenure: 0 }), {
    name: 'ConfigurationError',
    code: 'CLUSTER_OUT_OF_RANGE',
    says: ['tenure is 0'],
  });
  t.deepEqual(readdirSync(parent), []);
  let draws = 0;
  const occupying = (bytes: number) => {
    // The last draw names the draft: by then somebody else takes the place.
    draws += 1;
    if (bytes === 6) {
      mkdirSync(dir);
      writeFileSync(join(dir, 'theirs'), '');
    }
    return new Uint8Array(bytes).fill(draws);
  };
  await assertRefused(t, () => initCluster(dir, clusterDefaults, occupying), {
    code: 'INIT_FAILED',
    says: ['ENOTEMPTY'],
  });
  t.deepEqual(readdirSync(parent), ['cluster']);
  t.deepEqual(readdirSync(dir), ['theirs']);
});

test('a cluster file that is missing or no file is named with its path', async (t) => {
  const dir = temporary(t);
  const path = join(dir, 'cluster.json');
  const says = [path];
  await assertRefused(t, () => loadCluster(dir), { code: 'CLUSTER_FILE_MISSING', says: [path, 'hotstuff init'] });
  await assertRefused(t, () => loadCluster(join(dir, 'no')), { code: 'CLUSTER_FILE_MISSING' });
  mkdirSync(path);
  await assertRefused(t, () => loadCluster(dir), { code: 'CLUSTER_FILE_NOT_A_FILE', says });
  rmSync(path, { recursive: true });
  symlinkSync(path, path);
  await assertRefused(t, () => loadCluster(path), { code: 'CLUSTER_FILE_UNREADABLE', says: [path, 'ELOOP'] });
  rmSync(path);
  writeFileSync(path, Uint8Array.of(0x7b, 0xff, 0xfe));
  await assertRefused(t, () => loadCluster(dir), { code: 'CLUSTER_FILE_NOT_TEXT', says });
  writeFileSync(path, '');
  await assertRefused(t, () => loadCluster(dir), { name: 'ConfigurationError', code: 'CLUSTER_FILE_EMPTY', says });
});

test('a file is read up to its limit and not beyond', async (t) => {
  const { dir, cluster } = await initialised(t);
  const path = join(dir, 'cluster.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.padEnd(limits.smallFileBytes, ' '));
  t.deepEqual(await loadCluster(dir), cluster);
  writeFileSync(path, text.padEnd(limits.smallFileBytes + 1, ' '));
  await assertRefused(t, () => loadCluster(dir), {
    code: 'CLUSTER_FILE_TOO_LARGE',
    says: [`${limits.smallFileBytes}`],
  });
});

test('a key file that others may read is refused with the command that mends it', async (t) => {
  const { cluster, replica } = await initialised(t);
  const path = join(replica, 'signing.key');
  const load = () => loadReplicaKeys(replica, cluster, ONE);
  for (const mode of [0o640, 0o604, 0o620, 0o601, 0o644, 0o777]) {
    chmodSync(path, mode);
    const says = [`mode 0${mode.toString(8)}`, `chmod 600 '${path.replaceAll("'", "'\\''")}'`];
    await assertRefused(t, load, { code: 'KEY_FILE_EXPOSED', says });
  }
  for (const mode of [0o600, 0o400, 0o700]) {
    chmodSync(path, mode);
    await t.notThrowsAsync(load);
  }
  chmodSync(join(replica, 'transport.key'), 0o644);
  await assertRefused(t, load, { code: 'KEY_FILE_EXPOSED', says: ['transport.key'] });
});

test('a key file is refused for what it holds, and nothing of it is shown', async (t) => {
  const { cluster, replica } = await initialised(t);
  const path = join(replica, 'signing.key');
  const load = () => loadReplicaKeys(replica, cluster, ONE);
  const text = readFileSync(path, 'utf8');
  const secret = parseSecretKey(text) as Uint8Array;
  const other = generateKeyPairSync('ed448').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const contents: readonly (readonly [string, string])[] = [
    ['', 'is empty'],
    ['\n', 'is empty'],
    [bytesToHex(secret), 'is not one PEM block'],
    [bytesToHex(secret).toUpperCase(), 'is not one PEM block'],
    [text.slice(0, 60), 'is not one PEM block'],
    [text.replace('MC4CAQ', 'MC4CAA'), 'damaged'],
    [other, 'another algorithm (ed448)'],
    [readFileSync(join(replica, 'transport.crt'), 'utf8'), 'public key or certificate'],
  ];
  const base64 = text.split('\n')[1] as string;
  for (const [content, says] of contents) {
    writeFileSync(path, content);
    await assertRefused(t, load, { name: 'ConfigurationError', code: 'KEY_FILE_INVALID', says: [path, says] });
    const error = await load().catch((thrown) => thrown);
    const shown = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.stack);
    t.false(shown.includes(bytesToHex(secret)) || shown.includes(base64.slice(0, 40)));
  }
  for (const content of [text.trim(), `${text}\n`, text.replaceAll('\n', '\r\n')]) {
    writeFileSync(path, content);
    t.deepEqual((await load()).signingSecret, secret);
  }
});

test('a key file that is missing or no file is named with its path', async (t) => {
  const { cluster, replica } = await initialised(t);
  const path = join(replica, 'transport.key');
  const load = () => loadReplicaKeys(replica, cluster, ONE);
  rmSync(path);
  await assertRefused(t, load, { code: 'KEY_FILE_MISSING', says: [path] });
  mkdirSync(path);
  await assertRefused(t, load, { code: 'KEY_FILE_NOT_A_FILE', says: [path] });
  rmSync(join(replica, 'signing.key'));
  symlinkSync('signing.key', join(replica, 'signing.key'));
  await assertRefused(t, load, { code: 'KEY_FILE_UNREADABLE', says: ['ELOOP'] });
});

test('keys of another replica, of the other use or of another cluster are refused by name', async (t) => {
  const { dir, cluster, replica } = await initialised(t);
  const load = () => loadReplicaKeys(replica, cluster, ONE);
  const mismatch = (says: string) => ({ name: 'ConfigurationError', code: 'KEY_MISMATCH', says: [says, 'replica 1'] });
  const other = replicaDirectory(dir, asReplicaId(2));
  await assertRefused(t, () => loadReplicaKeys(other, cluster, ONE), mismatch('the signing key of replica 2'));
  cpSync(join(replica, 'transport.key'), join(replica, 'signing.key'));
  await assertRefused(t, load, mismatch('the transport key of replica 1'));
  const foreign = await initialised(t);
  cpSync(join(foreign.replica, 'signing.key'), join(replica, 'signing.key'));
  await assertRefused(t, load, mismatch('a key that is not in the cluster'));
});

test('a certificate of another key, or no certificate, is refused', async (t) => {
  const { dir, cluster, replica } = await initialised(t);
  const path = join(replica, 'transport.crt');
  const load = () => loadReplicaKeys(replica, cluster, ONE);
  const refusal = { name: 'ConfigurationError', code: 'CERTIFICATE_MISMATCH' };
  cpSync(join(replicaDirectory(dir, asReplicaId(2)), 'transport.crt'), path);
  await assertRefused(t, load, { ...refusal, says: [path, 'another key'] });
  writeFileSync(path, 'x');
  await assertRefused(t, load, { ...refusal, says: [path, 'no Ed25519 certificate'] });
  rmSync(path);
  await assertRefused(t, load, { code: 'CERTIFICATE_FILE_MISSING', says: [path] });
});

test('a replica that the cluster does not have is refused with those that it has', async (t) => {
  const { cluster, replica } = await initialised(t);
  for (const id of [4, -1, 1.5]) {
    await assertRefused(t, () => loadReplicaKeys(replica, cluster, asReplicaId(id)), {
      name: 'ConfigurationError',
      code: 'REPLICA_UNKNOWN',
      says: [`replica is ${id}`, '0 to 3'],
    });
  }
});
