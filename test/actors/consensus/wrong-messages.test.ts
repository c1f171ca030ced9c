/**
 * Well-formed messages that no correct replica sends (the liars of the simulator send them all): the state stays as it was,
 * the reason is counted once, and where it proves a fault the log says whose.
 */
import type { ConsensusMessage } from '../../../actors/consensus/messages.js';
import type { Refusal } from '../../../actors/consensus/peer-refusals.js';
import { asBlockHash, asHeight, asReplicaId, asTenure, asView, NUMBER_MAX } from '../../../src/protocol/numbers.js';
import type {
  Block,
  BlockHeader,
  QuorumCertificate,
  Timeout,
  TimeoutCertificate,
} from '../../../src/protocol/types.js';
import { hashSigner } from '../../../src/simulation/hash-signer.js';
import { makeBlock } from '../../../src/wire/block.js';
import { createSigningBytes } from '../../../src/wire/signing-bytes.js';
import { CLUSTER_ID, ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

const NOWHERE = asBlockHash('ab'.repeat(32));
const FOREIGN = createSigningBytes({ clusterId: 'd6'.repeat(32), epoch: 0 });
const OTHER_EPOCH = createSigningBytes({ clusterId: CLUSTER_ID, epoch: 1 });
const LEADER = asReplicaId(0);
const LIAR = asReplicaId(2);

/** Views 1 to 3 are proposed; a follower knows that all are certified, a leader waits for the votes of the third. */
interface Scene {
  readonly stage: ConsensusStage;
  readonly blocks: readonly [Block, Block, Block];
  readonly qcs: readonly [QuorumCertificate, QuorumCertificate, QuorumCertificate];
}

function follower(log: string[]): Scene {
  const stage = new ConsensusStage({
    log: { info: () => undefined, warn: (event, facts) => log.push(told(event, facts)) },
  });
  const known = scene(stage, stage.proposeChain(1, 3));
  // What a proposal or Timeout carries is learnt before it is judged: here it is known, so that nothing may change.
  stage.tell(certified(known.qcs[2]));
  return known;
}

function leader(log: string[]): Scene {
  const stage = new ConsensusStage({
    id: 0,
    log: { info: () => undefined, warn: (event, facts) => log.push(told(event, facts)) },
  });
  const blocks: Block[] = [];
  for (let view = 1; view <= 3; view += 1) {
    stage.tell({ type: 'proposeNow', view: asView(view), body: 'empty' });
    const block = stage.take('proposal').at(-1)?.message.proposal.block as Block;
    blocks.push(block);
    if (view === 3) break;
    for (const signer of [1, 2])
      stage.tell({ type: 'voteReceived', from: asReplicaId(signer), vote: stage.vote(signer, block) });
  }
  return scene(stage, blocks);
}

function scene(stage: ConsensusStage, blocks: readonly Block[]): Scene {
  const [first, second, third] = blocks as [Block, Block, Block];
  return { stage, blocks: [first, second, third], qcs: [stage.qc(first), stage.qc(second), stage.qc(third)] };
}

const told = (event: string, facts = {}): string => `${event} ${JSON.stringify(facts)}`;

/** All that a message may change but refusals, proofs, what is remembered as one half of a proof, and signatures that held. */
function stateOf({ consensus, view, addedViews, committedViews, sent, requests }: ConsensusStage) {
  const { held: all, signed, committed, viewsEntered } = consensus.counters();
  const { seenProposals, proofs, verifiedCertificates, verifiedVoteBlocks, ...held } = all;
  const written = requests.filter(({ evidence }) => evidence.length === 0);
  return structuredClone({ held, signed, committed, viewsEntered, view, addedViews, committedViews, sent, written });
}

/** The proposal of view 4 with other fields, signed by its leader. */
function proposed(
  { stage, blocks, qcs }: Scene,
  changes: Partial<BlockHeader>,
  text = '',
  tc: TimeoutCertificate | null = null,
) {
  const { bodyHash: _, ...header } = stage.block(4, blocks[2], qcs[2]).header;
  const block = makeBlock(CLUSTER_ID, { ...header, ...changes }, new TextEncoder().encode(text));
  return { type: 'proposalReceived', from: block.header.proposer, proposal: stage.proposal(block, tc) } as const;
}

/** The same on a certificate that may be none that a codec would write: its hash is another block's, which nobody looks at. */
function standingOn(at: Scene, justify: QuorumCertificate) {
  const { stage, blocks, qcs } = at;
  const made = stage.block(4, blocks[2], qcs[2]);
  const changes = { justify, parent: justify.block, view: asView(justify.view + 1) };
  const block: Block = { ...made, header: { ...made.header, ...changes } };
  return { type: 'proposalReceived', from: LEADER, proposal: stage.proposal(block) } as const;
}

const timedOut = (timeout: Timeout): ConsensusMessage => ({ type: 'timeoutReceived', from: timeout.signer, timeout });

const certified = (highQc: QuorumCertificate, tc: TimeoutCertificate | null = null): ConsensusMessage => ({
  type: 'certificatesReceived',
  from: LIAR,
  certificates: { highQc, tc },
});

/** The block of view 4, which nobody has certified. */
const next = ({ stage, blocks, qcs }: Scene): Block => stage.block(4, blocks[2], qcs[2]);

/** A forged certificate of it, each wrong in one way. */
const FLAWS: Readonly<Record<string, (scene: Scene) => QuorumCertificate>> = {
  'one signature too few': (at) => at.stage.qc(next(at), [0, 1]),
  'a signer twice': (at) => at.stage.qc(next(at), [0, 1, 1]),
  'a signer who is no member': (at) => at.stage.qc(next(at), [0, 1, 4]),
  'another view': (at) => ({ ...at.stage.qc(next(at)), view: asView(5) }),
  'another block': (at) => ({ ...at.stage.qc(next(at)), block: NOWHERE }),
  'a signature of another view': (at) => {
    const { signatures, ...qc } = at.stage.qc(next(at));
    return { ...qc, signatures: [...signatures.slice(0, 2), ...at.qcs[1].signatures.slice(2)] };
  },
  'genesis in a later view': () => ({ ...GENESIS_QC, view: asView(4) }),
};

/** What, the message, the reason, and who sent it. */
type Row = readonly [title: string, message: (scene: Scene) => ConsensusMessage, reason: Refusal];

const TO_FOLLOWER: readonly Row[] = [
  ...Object.entries(FLAWS).flatMap(([flaw, forge]): Row[] => [
    [`a proposal whose certificate has ${flaw}`, (at) => standingOn(at, forge(at)), 'badCertificate'],
    [`a Timeout whose certificate has ${flaw}`, (at) => timedOut(at.stage.timeout(LIAR, 0, forge(at))), 'badTimeout'],
    [`a certificate with ${flaw}`, (at) => certified(forge(at)), 'badCertificate'],
  ]),
  [
    'a second block of a view',
    (at) =>
      proposed(at, { view: asView(3), justify: at.qcs[1], parent: at.blocks[1].hash, height: asHeight(3) }, 'rival'),
    'equivocation',
  ],
  ['a block that leaves out views without a TC', (at) => proposed(at, { view: asView(5) }), 'viewNotEntered'],
  ['a block a thousand views ahead', (at) => proposed(at, { view: asView(999) }), 'viewNotEntered'],
  [
    'a block of the last view that there is',
    (at) => proposed(at, { view: asView(NUMBER_MAX), proposer: at.stage.leaderOf(NUMBER_MAX) }),
    'viewNotEntered',
  ],
  ['a fork at genesis', (at) => proposed(at, { justify: GENESIS_QC, parent: GENESIS.hash }), 'viewNotEntered'],
  [
    'a fork below the last committed block',
    (at) => proposed(at, { view: asView(1), justify: GENESIS_QC, parent: GENESIS.hash }, 'rival'),
    'stale',
  ],
  ['a parent that is not the certified block', (at) => proposed(at, { parent: NOWHERE }), 'badHeader'],
  ['a view that is not above its certificate', (at) => proposed(at, { view: asView(3) }), 'badHeader'],
  ['a height that does not follow the parent', (at) => proposed(at, { height: asHeight(17) }), 'badHeader'],
  ['a body above the bound', (at) => proposed(at, {}, 'x'.repeat(1025)), 'bodyTooLarge'],
  ['a block of who does not lead the view', (at) => proposed(at, { proposer: LIAR }), 'notTheLeader'],
  ['a block that another sends', (at) => ({ ...proposed(at, {}), from: LIAR }), 'notItsSender'],
  ['a proposal signed for another cluster', (at) => resigned(proposed(at, {}), FOREIGN), 'badSignature'],
  ['a proposal signed for another epoch', (at) => resigned(proposed(at, {}), OTHER_EPOCH), 'badSignature'],
  [
    'a TC with a statement too few',
    (at) =>
      proposed(at, { view: asView(1000), proposer: at.stage.leaderOf(1000) }, '', at.stage.tc(0, at.qcs[2], [0, 1])),
    'badCertificate',
  ],
  [
    'a TC that hides the highest certificate that it names',
    (at) =>
      proposed(at, { view: asView(1000), proposer: at.stage.leaderOf(1000) }, '', {
        ...at.stage.tc(0, at.qcs[2]),
        highQc: at.qcs[1],
      }),
    'badCertificate',
  ],
  [
    'a TC that enters another tenure',
    (at) => {
      at.stage.tell(certified(at.qcs[2], at.stage.tc(0, at.qcs[2])));
      const view = asView(2000);
      return proposed(at, { view, proposer: at.stage.leaderOf(2000) }, '', at.stage.tc(0, at.qcs[2]));
    },
    'viewNotEntered',
  ],
  [
    'a Timeout that names another view than its certificate has',
    (at) => timedOut({ ...at.stage.timeout(LIAR, 0, at.qcs[2]), highQcView: asView(2) }),
    'badTimeout',
  ],
  ['a Timeout of no tenure that there is', (at) => timedOut(at.stage.timeout(LIAR, NUMBER_MAX)), 'badTimeout'],
  [
    'a Timeout in the name of another',
    (at) => ({
      type: 'timeoutReceived',
      from: LIAR,
      timeout: { ...at.stage.timeout(LIAR, 0), signer: asReplicaId(3) },
    }),
    'badTimeout',
  ],
  [
    'a Timeout of another cluster',
    (at) =>
      timedOut({
        ...at.stage.timeout(LIAR, 0),
        signature: hashSigner(LIAR).sign(FOREIGN.timeout(asTenure(0), asView(0))),
      }),
    'badTimeout',
  ],
  [
    'a vote for who does not gather it',
    (at) => ({ type: 'voteReceived', from: LIAR, vote: at.stage.vote(LIAR, at.blocks[2]) }),
    'notForUs',
  ],
];

const TO_LEADER: readonly Row[] = [
  [
    'a second vote of a view',
    (at) => {
      at.stage.tell({ type: 'voteReceived', from: LIAR, vote: at.stage.vote(LIAR, at.blocks[2]) });
      return {
        type: 'voteReceived',
        from: LIAR,
        vote: at.stage.vote(LIAR, at.stage.block(3, at.blocks[1], at.qcs[1], 'rival')),
      };
    },
    'equivocation',
  ],
  [
    'a vote in the name of another',
    (at) => ({ type: 'voteReceived', from: LIAR, vote: at.stage.vote(3, at.blocks[2]) }),
    'notItsSender',
  ],
  [
    'a vote that another has signed',
    (at) => ({ type: 'voteReceived', from: LIAR, vote: { ...at.stage.vote(3, at.blocks[2]), signer: LIAR } }),
    'badSignature',
  ],
  [
    'a vote of another cluster',
    (at) => {
      const vote = at.stage.vote(LIAR, at.blocks[2]);
      return {
        type: 'voteReceived',
        from: LIAR,
        vote: { ...vote, signature: hashSigner(LIAR).sign(FOREIGN.vote(vote.view, vote.block)) },
      };
    },
    'badSignature',
  ],
  [
    'a vote far ahead',
    (at) => ({ type: 'voteReceived', from: LIAR, vote: { ...at.stage.vote(LIAR, at.blocks[2]), view: asView(900) } }),
    'tooFarAhead',
  ],
];

/** What may come of a network's disorder too: it is counted, and nobody is blamed. */
const DISORDER: ReadonlySet<Refusal> = new Set(['stale', 'viewNotEntered', 'notForUs', 'tooFarAhead']);

for (const [who, rows, make] of [
  ['a follower', TO_FOLLOWER, follower],
  ['a leader', TO_LEADER, leader],
] as const) {
  for (const [title, message, reason] of rows) {
    test(`${title}, at ${who}: state unchanged, ${reason} counted, its sender ${DISORDER.has(reason) ? 'not blamed' : 'blamed'}`, (t) => {
      const log: string[] = [];
      const at = make(log);
      const wrong = message(at);
      const [before, counted] = [stateOf(at.stage), at.stage.consensus.counters().refusals];
      at.stage.tell(wrong);
      t.deepEqual(stateOf(at.stage), before);
      t.deepEqual(at.stage.consensus.counters().refusals, { ...counted, [reason]: (counted[reason] ?? 0) + 1 });
      const { from } = wrong as { readonly from?: number };
      const blame = told('peerRefused', { peer: from, reason });
      t.is(log.filter((line) => line === blame).length, DISORDER.has(reason) ? 0 : 1, log.join());
    });
  }
}

test('the message that each of these bends is accepted as it is', (t) => {
  const at = follower([]);
  at.stage.tell(proposed(at, {}));
  t.deepEqual(at.stage.addedViews, [1, 2, 3, 4]);
  const { refusals } = at.stage.consensus.counters();
  t.deepEqual(refusals, {});
  at.stage.tell(timedOut(at.stage.timeout(LIAR, 0, at.qcs[2])));
  t.is(at.stage.consensus.counters().held.timeouts, 1);
  t.is(LEADER, at.stage.leaderOf(4));
});

function resigned(received: ReturnType<typeof proposed>, bytes: typeof FOREIGN): ConsensusMessage {
  const { block } = received.proposal;
  const signature = hashSigner(received.from).sign(bytes.proposal(block.header.view, block.hash));
  return { ...received, proposal: { ...received.proposal, signature } };
}
