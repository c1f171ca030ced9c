import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { checkCluster, formatCluster, parseCluster } from '../../src/config/cluster-file.js';
import { testCluster, testRandom } from '../support/clusters.js';

const { cluster } = testCluster();
const text = formatCluster(cluster);
type Fields = Record<string, unknown>;

/** Asserts that `value` is refused with `code`, and that the message holds all of `parts`. */
function assertRefused(t: ExecutionContext, parse: () => unknown, code: string, ...parts: readonly string[]): void {
  const error = t.throws(parse, { name: 'ConfigurationError', code }, code);
  for (const part of ['D/cluster.json', ...parts])
    t.true(error?.message.includes(part), `${part} in: ${error?.message}`);
  t.false(error?.message.includes('\n'));
}

const changed = (change: Fields) => () => checkCluster({ ...cluster, ...change }, 'D/cluster.json');
const changedReplica = (change: Fields) => () => {
  const replicas = cluster.replicas.map((replica) => (replica.id === 2 ? { ...replica, ...change } : replica));
  return checkCluster({ ...cluster, replicas }, 'D/cluster.json');
};
const without = (field: string) => {
  const { [field]: _gone, ...rest } = cluster as unknown as Fields;
  return () => checkCluster(rest, 'D/cluster.json');
};
const parsed = (content: string) => () => parseCluster(content, 'D/cluster.json');

test('a cluster file comes back whole, with a byte order mark and CRLF too', (t) => {
  t.deepEqual(parseCluster(text, 'x'), cluster);
  t.deepEqual(parseCluster(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'x'), cluster);
  t.deepEqual(parseCluster(JSON.stringify(cluster), 'x'), cluster);
});

test('text that is no JSON is refused with its place', (t) => {
  assertRefused(t, parsed(''), 'CLUSTER_FILE_EMPTY', 'is empty', 'hotstuff init');
  assertRefused(t, parsed(' \r\n'), 'CLUSTER_FILE_EMPTY');
  assertRefused(t, parsed('\uFEFF'), 'CLUSTER_FILE_EMPTY');
  assertRefused(t, parsed('{\n  "version": 1,\n  oops\n}'), 'CLUSTER_NOT_JSON', 'line 3, column 3');
  assertRefused(t, parsed('{"version": NaN}'), 'CLUSTER_NOT_JSON', 'NaN');
  assertRefused(t, parsed('{"version": 1,}'), 'CLUSTER_NOT_JSON');
  assertRefused(t, parsed('version: 1\n'), 'CLUSTER_NOT_JSON');
  assertRefused(t, parsed(text.slice(0, -3)), 'CLUSTER_NOT_JSON');
});

test('whatever line a file is cut at, the answer is one error of this kind', (t) => {
  const lines = text.split('\n');
  for (let kept = 0; kept < lines.length - 2; kept++) {
    t.throws(parsed(lines.slice(0, kept).join('\n')), { name: 'ConfigurationError' }, `line ${kept}`);
  }
});

test('a file damaged anywhere is taken only where it means a valid cluster still', (t) => {
  fc.assert(
    fc.property(
      fc.nat({ max: text.length - 1 }),
      fc.constantFrom('"', '{', '}', ':', '0', '9', 'x', ' ', '\\'),
      (at, by) => {
        try {
          t.is(parseCluster(`${text.slice(0, at)}${by}${text.slice(at + 1)}`, 'x').clusterId, cluster.clusterId);
        } catch (error) {
          t.is((error as Error).name, 'ConfigurationError');
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('a key that stands twice in one object is refused, in any spelling, and the same key in two objects is not', (t) => {
  const twice = text.replace('"tenure": 1000,', '"tenure": 1000, "tenure": 2,');
  assertRefused(t, parsed(twice), 'CLUSTER_KEY_TWICE', '"tenure"', 'line 7');
  assertRefused(t, parsed(text.replace('"tenure": 1000,', '"tenure": 1, "ten\\u0075re": 1000,')), 'CLUSTER_KEY_TWICE');
  assertRefused(t, parsed(text.replace('"id": 2,', '"id": 2, "id": 2,')), 'CLUSTER_KEY_TWICE', '"id"');
  t.notThrows(parsed(text));
});

test('what is no object is refused', (t) => {
  for (const content of ['[]', 'null', '1', '"x"', 'true']) {
    assertRefused(t, parsed(content), 'CLUSTER_WRONG_TYPE', 'the whole file');
  }
});

test('an unknown field is refused, with the name that was probably meant', (t) => {
  assertRefused(t, changed({ tenures: 1 }), 'CLUSTER_FIELD_UNKNOWN', '"tenures"', 'Did you mean tenure?');
  assertRefused(t, changed({ basetimeoutms: 1 }), 'CLUSTER_FIELD_UNKNOWN', 'Did you mean baseTimeoutMs?');
  assertRefused(t, changed({ colour: 1 }), 'CLUSTER_FIELD_UNKNOWN', '"colour"', 'The fields are version, ');
  assertRefused(t, changedReplica({ prot: 1 }), 'CLUSTER_FIELD_UNKNOWN', '"replicas[2].prot"');
  assertRefused(t, parsed(text.replace('{', '{"__proto__": {"tenure": 1},')), 'CLUSTER_FIELD_UNKNOWN', '__proto__');
});

test('each field must be there', (t) => {
  for (const field of Object.keys(cluster)) {
    if (field !== 'leaderSchedule') assertRefused(t, without(field), 'CLUSTER_FIELD_MISSING', field);
  }
  const [first, ...others] = cluster.replicas;
  const { host: _gone, ...rest } = { ...first };
  const parse = () => checkCluster({ ...cluster, replicas: [rest, ...others] }, 'D/cluster.json');
  assertRefused(t, parse, 'CLUSTER_FIELD_MISSING', 'replicas[0].host');
});

test('a file without a leader schedule is of a cluster that leads by turns, with the same id', (t) => {
  t.is(cluster.leaderSchedule, 'round-robin');
  t.deepEqual(without('leaderSchedule')(), cluster);
  const named = testCluster({ leaderSchedule: 'reputation' }).cluster;
  t.is(checkCluster(named, 'x').leaderSchedule, 'reputation');
  const { leaderSchedule: _gone, ...rest } = named;
  assertRefused(t, () => checkCluster(rest, 'D/cluster.json'), 'CLUSTER_ID_MISMATCH');
  const unknown = changed({ leaderSchedule: 'random' });
  assertRefused(t, unknown, 'CLUSTER_OUT_OF_RANGE', 'leaderSchedule is "random"', '"round-robin" or "reputation"');
});

test('a later version is named before anything else, and no other version is taken', (t) => {
  const later = () => checkCluster({ version: 2, anything: 'else' }, 'D/cluster.json');
  assertRefused(t, later, 'CLUSTER_VERSION_UNKNOWN', 'version is 2', 'version 1');
  for (const version of [0, -1, '1', null, 1.5])
    assertRefused(t, changed({ version }), 'CLUSTER_OUT_OF_RANGE', 'version');
});

test('numbers are taken at both ends of their range and refused beyond', (t) => {
  const baseTimeouts = changed({ baseTimeoutMs: 10 });
  t.notThrows(baseTimeouts);
  t.notThrows(changed({ baseTimeoutMs: 600_000 }));
  for (const baseTimeoutMs of [9, 600_001, 0, -1, 1e12, 1000.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assertRefused(
      t,
      changed({ baseTimeoutMs }),
      'CLUSTER_OUT_OF_RANGE',
      `baseTimeoutMs is ${baseTimeoutMs}`,
      '10 to 600000',
    );
  }
  for (const tenure of [0, 1_000_001, -5, 0.5]) {
    assertRefused(t, changed({ tenure }), 'CLUSTER_OUT_OF_RANGE', `tenure is ${tenure}`, '1 to 1000000');
  }
  t.is(testCluster({ tenure: 1 }).cluster.tenure, 1);
  t.is(testCluster({ tenure: 1_000_000 }).cluster.tenure, 1_000_000);
  for (const port of ['peerPort', 'clientPort']) {
    t.notThrows(changedReplica({ [port]: 1 }));
    t.notThrows(changedReplica({ [port]: 65_535 }));
    for (const value of [0, 65_536, -1]) {
      assertRefused(t, changedReplica({ [port]: value }), 'CLUSTER_OUT_OF_RANGE', `replicas[2].${port} is ${value}`);
    }
    assertRefused(t, changedReplica({ [port]: 'abc' }), 'CLUSTER_WRONG_TYPE', `replicas[2].${port} is "abc"`, '65535');
  }
});

test('fields of a wrong type or value are refused by name', (t) => {
  assertRefused(t, changed({ tenure: '1000' }), 'CLUSTER_WRONG_TYPE', 'tenure is "1000"');
  assertRefused(t, changed({ tenure: null }), 'CLUSTER_WRONG_TYPE', 'tenure is null');
  assertRefused(t, changed({ rule: 'four-chain' }), 'CLUSTER_OUT_OF_RANGE', 'rule', '"three-chain" or "two-chain"');
  assertRefused(t, changed({ transport: 'TLS' }), 'CLUSTER_OUT_OF_RANGE', 'transport', '"tls" or "plain"');
  assertRefused(t, changed({ scheme: 'bls' }), 'CLUSTER_OUT_OF_RANGE', 'scheme');
  assertRefused(t, changed({ epoch: 1 }), 'CLUSTER_OUT_OF_RANGE', 'epoch is 1');
  assertRefused(t, changed({ salt: 'ab' }), 'CLUSTER_OUT_OF_RANGE', 'salt', '32 lower-case');
  assertRefused(t, changed({ salt: 7 }), 'CLUSTER_WRONG_TYPE', 'salt is 7');
  assertRefused(t, changed({ clusterId: 'AB'.repeat(32) }), 'CLUSTER_OUT_OF_RANGE', 'clusterId', '64 lower-case');
  assertRefused(t, changed({ replicas: {} }), 'CLUSTER_WRONG_TYPE', 'replicas is {}');
  assertRefused(t, changed({ replicas: [] }), 'CLUSTER_OUT_OF_RANGE', 'replicas is []');
  assertRefused(t, changed({ replicas: [null] }), 'CLUSTER_WRONG_TYPE', 'replicas[0] is null');
  assertRefused(t, changed({ salt: 'x'.repeat(100_000) }), 'CLUSTER_OUT_OF_RANGE', '…');
});

test('hosts are names and addresses, IPv6 without brackets', (t) => {
  for (const host of [
    'localhost',
    '10.0.0.1',
    '::1',
    'fe80::1%eth0',
    '2001:db8::2',
    'a-b.example.',
    'replica_2',
    'X1',
  ]) {
    t.notThrows(changedReplica({ host }), host);
  }
  for (const host of ['', ' ', 'a b', '[::1]', 'http://x', 'a..b', '-a', 'x/y', 'host:1', 'a'.repeat(300), 'é']) {
    assertRefused(t, changedReplica({ host }), 'CLUSTER_OUT_OF_RANGE', 'replicas[2].host');
  }
});

test('ids are the places in the list', (t) => {
  for (const id of [1, 3, 4, 0]) {
    assertRefused(t, changedReplica({ id }), 'CLUSTER_REPLICA_ORDER', `replicas[2].id is ${id}`, 'must be 2');
  }
  for (const id of [-1, 1.5]) assertRefused(t, changedReplica({ id }), 'CLUSTER_OUT_OF_RANGE', 'replicas[2].id');
  assertRefused(t, changedReplica({ id: '2' }), 'CLUSTER_WRONG_TYPE', 'replicas[2].id');
});

test('no key and no address may stand twice', (t) => {
  const [first, , third] = cluster.replicas;
  const { signingKey, transportKey, peerPort, clientPort } = first as (typeof cluster.replicas)[number];
  assertRefused(
    t,
    changedReplica({ signingKey }),
    'CLUSTER_KEY_SHARED',
    'replicas[2].signingKey',
    'replicas[0].signingKey',
  );
  assertRefused(t, changedReplica({ transportKey }), 'CLUSTER_KEY_SHARED', 'replicas[2].transportKey');
  assertRefused(t, changedReplica({ transportKey: signingKey }), 'CLUSTER_KEY_SHARED', 'replicas[0].signingKey');
  assertRefused(t, changedReplica({ transportKey: third?.signingKey }), 'CLUSTER_KEY_SHARED', 'replicas[2].signingKey');
  assertRefused(
    t,
    changedReplica({ peerPort }),
    'CLUSTER_ADDRESS_SHARED',
    'replicas[2].peerPort',
    'replicas[0].peerPort',
  );
  assertRefused(t, changedReplica({ peerPort: clientPort }), 'CLUSTER_ADDRESS_SHARED', 'replicas[0].clientPort');
  assertRefused(t, changedReplica({ peerPort: 9, clientPort: 9 }), 'CLUSTER_ADDRESS_SHARED', 'replicas[2].peerPort');
  t.notThrows(changedReplica({ host: '10.0.0.2', peerPort, clientPort }));
});

test('keys are lower-case hex of canonical points of large order', (t) => {
  for (const key of ['ab', 'AB'.repeat(32), 'x'.repeat(64), `${'00'.repeat(31)}0`, `${'ab'.repeat(32)}\n`]) {
    assertRefused(t, changedReplica({ signingKey: key }), 'CLUSTER_OUT_OF_RANGE', 'replicas[2].signingKey');
  }
  for (const key of ['00'.repeat(32), `01${'00'.repeat(31)}`, 'ff'.repeat(32)]) {
    assertRefused(t, changedReplica({ signingKey: key }), 'CLUSTER_KEY_INVALID', 'replicas[2].signingKey');
    assertRefused(t, changedReplica({ transportKey: key }), 'CLUSTER_KEY_INVALID', 'replicas[2].transportKey');
  }
});

test('what replicas must agree on is bound by the cluster id, and what may change is not', (t) => {
  const other = testCluster({ random: testRandom(2) }).cluster;
  assertRefused(t, changed({ clusterId: other.clusterId }), 'CLUSTER_ID_MISMATCH', cluster.clusterId, 'hotstuff init');
  assertRefused(t, changed({ salt: other.salt }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changed({ tenure: 999 }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changed({ rule: 'two-chain' }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changed({ leaderSchedule: 'reputation' }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changed({ replicas: cluster.replicas.slice(0, 3) }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changedReplica({ signingKey: other.replicas[0]?.signingKey }), 'CLUSTER_ID_MISMATCH');
  assertRefused(t, changedReplica({ transportKey: other.replicas[0]?.signingKey }), 'CLUSTER_ID_MISMATCH');
  t.notThrows(changed({ baseTimeoutMs: 500, transport: 'plain' }));
  t.notThrows(changedReplica({ host: 'elsewhere', peerPort: 1, clientPort: 2 }));
});
