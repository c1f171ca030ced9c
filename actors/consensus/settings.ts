import type { AnyChart } from '../../machines/chart.js';
import type { Signer } from '../../src/crypto/signing.js';
import type { Logger } from '../../src/logger.js';
import type { LeaderSchedule } from '../../src/protocol/leader-schedule.js';
import type { BlockHash, ReplicaId } from '../../src/protocol/numbers.js';
import type { CommitRule } from '../../src/protocol/rules/rule.js';
import type { SigningBytes } from '../../src/wire/signing-bytes.js';
import type { CertificateVerifier } from './certificate-verifier.js';

/** What a replica's consensus is made with; nothing here changes afterwards. */
export interface ConsensusSettings {
  readonly id: ReplicaId;
  /** n. */
  readonly replicas: number;
  /** 64 lower-case hex digits. */
  readonly clusterId: string;
  readonly genesis: BlockHash;
  /** Views in a tenure. */
  readonly tenureLength: number;
  readonly rule: CommitRule;
  readonly schedule: LeaderSchedule;
  readonly signer: Signer;
  readonly verifier: CertificateVerifier;
  readonly signingBytes: SigningBytes;
  /** Signatures in the certificates of one message from which on the pool looks at them; without it all are checked here. */
  readonly offloadSignatures?: number;
  /** Views reserved ahead by one safety record while there is work; one is while idle. */
  readonly reserveViews: number;
  /** A replica left behind is answered at most once in this time, milliseconds. */
  readonly answerIntervalMs: number;
  readonly limits: ConsensusLimits;
  readonly log: Logger;
  /** Another compiled chart of a block's life, for tests that leave out a transition. */
  readonly blockChart?: AnyChart;
}

/** The bounds of consensus. */
export interface ConsensusLimits {
  /** Uncommitted blocks on which no other stands. */
  readonly treeTips: number;
  readonly treeBodyBytes: number;
  readonly bodyBytes: number;
  readonly pendingProposals: number;
  readonly pendingBodyBytes: number;
  readonly seenProposals: number;
  /** Views from the one below the current on for which votes are kept. */
  readonly viewWindow: number;
  readonly timeoutsPerInterval: number;
  readonly proofsPerReplica: number;
  readonly outboxMessages: number;
  /** Of committed blocks in one answer to what is read back at a start. */
  readonly historyReadBytes: number;
}
