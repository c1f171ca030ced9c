import test from 'ava';
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import type { QuorumCertificate, SafetyRecord, TimeoutCertificate } from '../../../src/protocol/types.js';
import { AcceptedCertificatesChecker } from '../../../src/simulation/checkers/accepted-certificates.js';
import { SeenVotes } from '../../../src/simulation/checkers/seen-votes.js';
import { SimulatedDisk } from '../../../src/simulation/disk.js';
import { stream } from '../../../src/simulation/random.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { encodeSafetyCopy } from '../../../src/wire/safety-copy.js';
import { CLUSTER_ID, certify, childOf, GENESIS, recordOf } from '../../support/chain.js';

const IDENTITY = { clusterId: CLUSTER_ID, replica: asReplicaId(0) };
const first = childOf(GENESIS);
const second = childOf(first);
const good = certify(first);

const isGood = ({ signature }: { readonly signature: Uint8Array }): boolean => signature[0] === 7;

function watched() {
  const accusations: string[] = [];
  const votes = new SeenVotes({ replicas: 4, isVote: isGood });
  const accuse = (invariant: string, detail: string) => accusations.push(`${invariant}: ${detail}`);
  const checker = new AcceptedCertificatesChecker({ replicas: 4, votes, isTimeout: isGood, accuse });
  const conditions = { latencyMs: [1, 1], failing: false } as const;
  const disk = new SimulatedDisk(IDENTITY, stream(1, 'disk'), conditions);
  function sent(message: PeerMessage): readonly string[] {
    votes.sent(message);
    checker.sent(0, disk, message);
    return accusations;
  }
  return { disk, sent };
}

function withSignature(qc: QuorumCertificate, index: number, fill: number): QuorumCertificate {
  const signature = new Uint8Array(64).fill(fill);
  return { ...qc, signatures: qc.signatures.map((signed, at) => (at === index ? { ...signed, signature } : signed)) };
}

function certificates(highQc: QuorumCertificate, tc: TimeoutCertificate | null = null): PeerMessage {
  return { type: 'certificates', certificates: { highQc, tc } };
}

function tcOf(tenures: readonly number[], names: number, fill = 7): TimeoutCertificate {
  const signature = new Uint8Array(64).fill(fill);
  const timeouts = tenures.map((tenure, signer) => {
    return { signer: asReplicaId(signer), tenure: asTenure(tenure), highQcView: asView(names), signature };
  });
  return { tenure: asTenure(3), timeouts, highQc: good };
}

/** Of each kind of message, one that hands on `qc`. */
function carriers(qc: QuorumCertificate): readonly PeerMessage[] {
  const block = { ...second, header: { ...second.header, justify: qc } };
  const signature = new Uint8Array(64).fill(7);
  const statement = { signer: asReplicaId(0), tenure: asTenure(3), highQcView: qc.view, signature };
  const answer = { token: 1, committedHeight: GENESIS.header.height };
  return [
    { type: 'proposal', proposal: { block, signature, tc: null } },
    { type: 'timeout', timeout: { ...statement, highQc: qc } },
    certificates(qc),
    certificates(good, { ...tcOf([3, 3, 3], 1), highQc: qc }),
    { type: 'fetchAnswer', answer: { ...answer, blocks: [block], certificate: null } },
    { type: 'fetchAnswer', answer: { ...answer, blocks: [], certificate: qc } },
  ];
}

test('certificates of a quorum may be handed on in any message', (t) => {
  const { sent } = watched();
  for (const message of carriers(good)) t.deepEqual(sent(message), []);
  t.deepEqual(sent(certificates({ view: asView(0), block: GENESIS.hash, signatures: [] })), []);
});

test('in each message a certificate with a signature too few is found, though the votes were seen before', (t) => {
  for (const broken of [withSignature(good, 1, 8), { ...good, signatures: good.signatures.slice(1) }]) {
    for (const message of carriers(broken)) {
      const { sent } = watched();
      sent(certificates(good));
      t.regex(
        sent(message).join(),
        /^S6: replica 0 sent a \w+ with a certificate of view 1, and 2 of 3 signers are valid/,
      );
    }
  }
});

test('one signer twice, and a signer who is no replica, count for nothing', (t) => {
  const [one, two, three] = good.signatures as [(typeof good.signatures)[0], ...(typeof good.signatures)[0][]];
  for (const last of [two, { ...three, signer: asReplicaId(4) }]) {
    const { sent } = watched();
    t.is(sent(certificates({ ...good, signatures: [one, two, last] as QuorumCertificate['signatures'] })).length, 1);
  }
});

test('a timeout certificate needs a quorum that gave up its tenure or a later one', (t) => {
  t.deepEqual(watched().sent(certificates(good, tcOf([3, 4, 9], 1))), []);
  for (const tc of [tcOf([3, 3], 1), tcOf([3, 3, 2], 1), tcOf([3, 3, 3], 1, 8)])
    t.regex(
      watched().sent(certificates(good, tc)).join(),
      /^S6: .* timeout certificate of tenure 3, and \d of 3 signers/,
    );
  t.regex(
    watched()
      .sent(certificates(good, tcOf([3, 3, 3], 2)))
      .join(),
    /^S6: .* names view 2, .* of view 1$/,
  );
});

test('a record on the disk is looked at, each once', (t) => {
  const entry = { kind: 'tc', tc: tcOf([3, 3, 3], 1, 8) } as const;
  const records: readonly (readonly [SafetyRecord, number])[] = [
    [recordOf(1, 9, first), 0],
    [{ ...recordOf(1, 9, first), highQc: withSignature(good, 0, 8) }, 1],
    [{ ...recordOf(1, 9, first), entry }, 1],
    [{ ...recordOf(1, 9, first), entry: { kind: 'qc', qc: withSignature(good, 0, 8) } }, 1],
  ];
  for (const [record, broken] of records) {
    const { disk, sent } = watched();
    const bytes = encodeSafetyCopy({ identity: IDENTITY, batch: 1, record });
    const write = { type: 'writeSlot', token: 0, slot: 1, bytes } as const;
    disk.begin(write);
    disk.complete(write);
    sent(certificates(good));
    t.is(sent(certificates(good)).length, broken);
  }
});

test('a Timeout that is sent or handed on holds', (t) => {
  const told = (fill: number, signer: number): readonly string[] => {
    const signature = new Uint8Array(64).fill(fill);
    const statement = { signer: asReplicaId(signer), tenure: asTenure(3), highQcView: good.view, signature };
    return watched().sent({ type: 'timeout', timeout: { ...statement, highQc: good } });
  };
  // Certificates are judged by the votes that were seen.
  const ofQc = told(7, 0);
  t.deepEqual(told(7, 2), ofQc);
  for (const signer of [0, 2]) {
    const says = `S6: replica 0 sent a timeout with a signature of replica ${signer} for tenure 3 that does not hold`;
    t.deepEqual(told(8, signer), [...ofQc, says]);
  }
});
