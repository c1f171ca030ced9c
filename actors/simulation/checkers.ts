/** The checkers that a case is held to, each with the bounds that follow from the case. */
import type { Limits } from '../../src/config/limits.js';
import { AcceptedCertificatesChecker } from '../../src/simulation/checkers/accepted-certificates.js';
import { AccusationChecker } from '../../src/simulation/checkers/accusations.js';
import { AgreementChecker } from '../../src/simulation/checkers/agreement.js';
import { CommitRuleChecker } from '../../src/simulation/checkers/commit-rule.js';
import { ComplaintChecker } from '../../src/simulation/checkers/complaints.js';
import { DoneCommandsChecker } from '../../src/simulation/checkers/done-commands.js';
import { DurabilityChecker } from '../../src/simulation/checkers/durability.js';
import { DurableCommitChecker } from '../../src/simulation/checkers/durable-commits.js';
import { EvidenceChecker } from '../../src/simulation/checkers/evidence.js';
import { ExecutionChecker } from '../../src/simulation/checkers/execution.js';
import { IdleCostChecker } from '../../src/simulation/checkers/idle-cost.js';
import { KeptProofsChecker } from '../../src/simulation/checkers/kept-proofs.js';
import { ReplicaLoadChecker } from '../../src/simulation/checkers/replica-load.js';
import { SeenBlocks } from '../../src/simulation/checkers/seen-blocks.js';
import { SeenVotes } from '../../src/simulation/checkers/seen-votes.js';
import { SignedProposalsChecker } from '../../src/simulation/checkers/signed-proposals.js';
import { TimerChecker } from '../../src/simulation/checkers/timers.js';
import { VoteOracle } from '../../src/simulation/checkers/vote-oracle.js';
import { fastestClock, lastClockJump, slowestClock, slowestWriteMs } from '../../src/simulation/slowest.js';
import type { Accuse } from '../../src/simulation/violation.js';
import type { ChecksOptions } from './checks-options.js';
import { ClientChecks } from './client-checks.js';
import { EQUIVOCATING } from './liars/strategies.js';
import type { SignatureChecks } from './signature-checks.js';

/** Writes that a Timeout may have to wait for: one that is on its way, its own, and one more. */
const DISK_TURNS = 3;
/** A slow clock's and rounding's share. */
const CLOCK_MS = 2;

/** Who tells the checkers what they need of the run. */
interface Told {
  readonly limits: Limits;
  readonly isHonest: (replica: number) => boolean;
  readonly signatures: SignatureChecks;
  readonly accuse: Accuse;
}

/** Makes them, and knows what each is to be patient with; who tells them what happens is {@link Checks}. */
export class Checkers {
  readonly agreement: AgreementChecker;
  readonly execution: ExecutionChecker;
  readonly durability: DurabilityChecker;
  readonly evidence: EvidenceChecker;
  readonly durableCommits: DurableCommitChecker;
  readonly clients: ClientChecks;
  readonly blocks: SeenBlocks;
  readonly votes: SeenVotes;
  readonly certificates: AcceptedCertificatesChecker;
  /** Null where there is one replica: it sends its blocks to nobody, so that nothing is seen of them. */
  readonly commitRule: CommitRuleChecker | null;
  readonly oracle: VoteOracle;
  readonly timers: TimerChecker;
  readonly proposals: SignedProposalsChecker;
  readonly complaints: ComplaintChecker;
  readonly done: DoneCommandsChecker;
  readonly accusations: AccusationChecker;
  readonly load: ReplicaLoadChecker;
  /** Null where machines build their own blocks: when they have none is their affair. */
  readonly idle: IdleCostChecker | null;

  constructor(options: ChecksOptions, told: Told) {
    const { replicas, tenure, rule, leaderSchedule, liars, baseTimeoutMs, faults, healAt, disks } = options.case;
    const { limits, isHonest, signatures, accuse } = told;
    this.agreement = new AgreementChecker({
      replicas,
      accuse,
      isVote: signatures.isVote,
    });
    this.execution = new ExecutionChecker(accuse);
    const written = {
      patienceMs: 2 * limits.storageGatherMs + 10 * disks.latencyMs[1] + slowestWriteMs(faults),
      quietFrom: healAt ?? (faults.length === 0 ? 0 : Number.POSITIVE_INFINITY),
      accuse,
    };
    this.durableCommits = new DurableCommitChecker(written);
    this.blocks = new SeenBlocks((block) => this.commitRule?.seen(block));
    this.votes = new SeenVotes({ replicas, isVote: signatures.isVote });
    this.certificates = new AcceptedCertificatesChecker({
      replicas,
      votes: this.votes,
      isTimeout: signatures.isTimeout,
      accuse,
    });
    const seen = { blocks: this.blocks, votes: this.votes };
    this.commitRule = replicas > 1 ? new CommitRuleChecker({ replicas, ...seen, rule, accuse }) : null;
    this.durability = new DurabilityChecker({ tenure, rule, blocks: this.blocks, accuse });
    const clean = liars.filter(({ strategies: [only, ...more] }) => more.length === 0 && EQUIVOCATING.has(only ?? ''));
    this.evidence = new EvidenceChecker({
      culprits: new Set(clean.map(({ replica }) => replica)),
      // Who leads by reputation depends on what it has committed, and votes that reach somebody else go unseen.
      collectorsOf: (view) =>
        leaderSchedule === 'reputation' ? [] : [view, view + 1].map((each) => Math.floor(each / tenure) % replicas),
      patienceMs: baseTimeoutMs,
      kept: new KeptProofsChecker({
        ...written,
        proofIn: signatures.proofIn,
        proofsMax: limits.proofsPerReplica,
      }),
      accuse,
    });
    this.clients = new ClientChecks(options.case, accuse);
    this.timers = new TimerChecker({
      baseTimeoutMs,
      tenure,
      healAt,
      slackMs: DISK_TURNS * disks.latencyMs[1] + CLOCK_MS,
      clocks: { fastest: fastestClock(faults), lastJump: lastClockJump(faults) },
      accuse,
    });
    this.proposals = new SignedProposalsChecker({ isProposal: signatures.isProposal, accuse });
    const timerMs = baseTimeoutMs / slowestClock(faults);
    this.complaints = new ComplaintChecker({ ...written, baseTimeoutMs: timerMs, tenure });
    this.done = new DoneCommandsChecker({ baseTimeoutMs, accuse });
    const idle = { baseTimeoutMs, blocks: this.blocks, accuse };
    this.idle = options.case.speculation === undefined ? new IdleCostChecker(idle) : null;
    this.accusations = new AccusationChecker({ isHonest, accuse });
    this.load = new ReplicaLoadChecker({ replicas, baseTimeoutMs, isHonest, accuse });
    const { leaderOf } = options;
    this.oracle = new VoteOracle({
      replicas,
      tenureLength: tenure,
      rule,
      leaderSchedule,
      ...(leaderOf === undefined ? {} : { leaderOf }),
    });
  }
}
