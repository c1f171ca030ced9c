import type { Plant, SimulatedBug } from './planted-bug.js';
import { simulatedBoundBugs } from './simulated-bound-bugs.js';
import { simulatedClientBugs } from './simulated-client-bugs.js';
import { simulatedFetchBugs } from './simulated-fetch-bugs.js';
import { simulatedForgeryBugs } from './simulated-forgery-bugs.js';
import { simulatedSpeculationBugs } from './simulated-speculation-bugs.js';

/** Leaders take in what a peer forwards that has run, and leave it to the machine's host to see that. */
const TAKEN_AGAIN: Plant = {
  file: 'actors/proposal-generator/intake',
  find: 'this.#executed.recall(client, command.sequence) !== null || ',
  replace: '',
};

/** The injected bugs of the simulator's own test: what is broken here must show in whole clusters, and soon. */
export const simulatedBugs: readonly SimulatedBug[] = [
  {
    bug: 'a quorum is 2f',
    file: 'src/protocol/quorum',
    find: 'return n - faultBound(n);',
    replace: 'return Math.max(1, 2 * faultBound(n));',
  },
  {
    bug: 'three-chain has no lock',
    file: 'src/protocol/rules/three-chain',
    find: "proposal.extendsLock || unlocks ? null : 'conflictsWithLock'",
    replace: 'null',
    options: { rule: 'three-chain', tenure: 1, strategies: ['staleJustify'], liarsProbability: 1 },
  },
  {
    bug: 'the bound is forgotten at a restart',
    file: 'src/protocol/safety',
    find: 'votedView: bound,',
    replace: 'votedView: asView(0),',
  },
  {
    bug: 'what is signed is sent before its record is durable',
    file: 'actors/consensus/durability',
    find: 'this.#durable.bound >= needs.bound',
    replace: 'this.#record.bound >= needs.bound',
  },
  {
    bug: 'a vote does not wait for the lock to be durable',
    file: 'actors/consensus/durability',
    find: 'this.#durable.highQcView >= needs.highQcView',
    replace: 'true',
  },
  {
    bug: 'a two-chain vote does not wait for its block to be durable',
    file: 'src/protocol/rules/two-chain',
    find: 'voteNeedsBody: true',
    replace: 'voteNeedsBody: false',
    options: { rule: 'two-chain' },
  },
  {
    bug: 'the certificate by which a tenure was entered is not recorded',
    file: 'actors/consensus/certificates',
    find: 'context.durability.enterTenure(entry);',
    replace: '',
  },
  {
    bug: 'three-chain commits on two',
    file: 'src/protocol/rules/three-chain',
    find: 'return first !== undefined && second.view === first.view + 1 ? second.justify.block : null;',
    replace: 'return first !== undefined ? third.justify.block : null;',
    options: { rule: 'three-chain' },
  },
  {
    bug: 'a proposed block counts as certified where commits are decided',
    file: 'actors/consensus/proposals',
    find: 'voteFor(context, proposal);',
    replace: `voteFor(context, proposal);
        applyQc(context, { view: block.header.view, block: block.hash, signatures: [] });`,
    guards: [
      {
        file: 'actors/consensus/certificates',
        find: 'if (qc.view > context.heldQc.view)',
        replace: 'if (qc.signatures.length > 0 && qc.view > context.heldQc.view)',
      },
      {
        file: 'actors/consensus/certificates',
        find: 'safety.raiseLock(',
        replace: 'qc.signatures.length > 0 && safety.raiseLock(',
      },
    ],
  },
  {
    bug: 'three-chain commits without consecutive views',
    file: 'src/protocol/rules/three-chain',
    find: 'if (second === undefined || third.view !== second.view + 1)',
    replace: 'if (second === undefined)',
    options: { rule: 'three-chain' },
  },
  {
    bug: 'two-chain commits without consecutive views',
    file: 'src/protocol/rules/two-chain',
    find: 'first !== undefined && second.view === first.view + 1',
    replace: 'first !== undefined',
    options: { rule: 'two-chain' },
  },
  {
    bug: 'two-chain votes below the QC that the TC names',
    file: 'src/protocol/rules/two-chain',
    find: "return reachesTc ? null : 'justifyBelowTc';",
    replace: 'return null;',
    options: { rule: 'two-chain' },
  },
  {
    bug: 'a Timeout does not bar its tenure',
    file: 'src/protocol/safety',
    find: "return tenureOf(view, tenureLength) <= safety.timedOutTenure ? 'tenureGivenUp' : null;",
    replace: 'return null;',
  },
  {
    bug: 'a Timeout of a later tenure does not count for an earlier one',
    file: 'src/protocol/timeout-collector',
    find: 'return tenures[count - 1] ?? null;',
    replace: 'return tenures[count - 1] === tenures[0] ? (tenures[0] ?? null) : null;',
  },
  {
    bug: 'timers never grow',
    file: 'src/protocol/view-timer',
    find: 'TIMEOUT_GROWTH ** Math.min(tenuresEndedByTc, TIMEOUT_GROWTH_STEPS_MAX)',
    replace: '1',
  },
  {
    bug: 'timers never shrink',
    file: 'actors/pacemaker/tenure-timers',
    find: 'this.#tenuresTimedOut = tenuresKept(',
    replace: 'tenuresKept(',
    // In tenures of one view nobody sees which views a QC has ended, and the checker lets any of them count.
    options: { tenure: 4 },
  },
  {
    bug: 'the timers need for ever what the longest view has taken',
    file: 'actors/pacemaker/recent-views',
    find: '.slice(-REMEMBERED)',
    replace: '',
    options: { tenure: 4 },
  },
  {
    bug: 'what is remembered of clients has another hash on each replica',
    file: 'actors/proposal-generator/session-table',
    find: 'return this.#tree.root();',
    replace: 'return new Uint8Array(32).fill(Math.floor(256 * Math.random()));',
  },
  {
    bug: 'nobody complains about a leader that leaves a command out',
    file: 'actors/pacemaker/pacemaker',
    find: "if (timer === null)\n            this.#step('commandTimerExpired');\n        else",
    replace: 'if (timer !== null)',
    options: { tenure: 1000, strategies: ['censorship'], liarsProbability: 1 },
  },
  {
    bug: 'a command that has run runs again',
    file: 'actors/proposal-generator/command-executor',
    find: 'if (past === null) {',
    replace: 'if (true) {',
    guards: [TAKEN_AGAIN],
  },
  {
    bug: 'a certificate needs no quorum',
    file: 'src/protocol/certificates',
    find: "return signatures.length >= quorumSize(replicas) ? null : 'noQuorum';",
    replace: 'return null;',
    options: { strategies: ['tooFewSigners'], liarsProbability: 1 },
  },
  {
    bug: 'votes that contradict each other are not kept as a proof',
    file: 'actors/consensus/votes',
    find: 'keepEvidence(context, proof);',
    replace: 'void proof;',
    options: { strategies: ['doubleVoter'], liarsProbability: 1 },
  },
  {
    bug: 'proofs are not written',
    file: 'actors/consensus/durability',
    find: 'this.#evidence.push(proof);',
    replace: 'void proof;',
    options: { strategies: ['doubleVoter'], liarsProbability: 1 },
  },
  {
    bug: 'a second vote for a view is cast',
    file: 'src/protocol/safety',
    find: 'if (view <= signedView)',
    replace: 'if (view < signedView)',
    options: { strategies: ['equivocatingLeader', 'doubleProposer'], liarsProbability: 1 },
  },
  {
    bug: 'every proposal for a view is voted for',
    file: 'src/protocol/safety',
    find: 'if (view <= signedView)',
    replace: 'if (view < signedView)',
    guards: [
      { file: 'actors/consensus/proposals', find: 'const earlier = context.seen.get(view);', replace: 'let earlier;' },
    ],
    options: { strategies: ['equivocatingLeader', 'doubleProposer'], liarsProbability: 1 },
  },
  {
    bug: 'a command that ran before is answered with the height of its repetition',
    file: 'actors/proposal-generator/command-executor',
    find: 'height: past.height, reply: past.outcome',
    replace: 'height: result.height, reply: past.outcome',
    guards: [TAKEN_AGAIN],
  },
  {
    bug: 'a command that ran before is not answered again',
    file: 'actors/proposal-generator/command-executor',
    find: 'result.repeated(client, { sequence: command.sequence, height: past.height, reply: past.outcome });',
    replace: '',
    guards: [
      TAKEN_AGAIN,
      {
        file: 'actors/proposal-generator/intake',
        find: 'repeated.add(client, { sequence, height: past.height, reply: past.outcome });',
        replace: '',
      },
    ],
  },
  {
    bug: 'the commands of a client in one block all have the bytes of the first',
    file: 'actors/proposal-generator/batch-builder',
    find: 'group.push(command);',
    replace: 'group.push({ ...command, bytes: group[0].bytes });',
  },
  {
    bug: 'the application is told of the last of several blocks alone',
    file: 'actors/replica/replica',
    find: 'blocks: message.blocks',
    replace: 'blocks: message.blocks.slice(-1)',
  },
  {
    bug: 'a body that holds no commands stops the replica',
    file: 'actors/proposal-generator/command-executor',
    find: 'decodeBody(block.body) ?? []',
    replace: 'decodeBody(block.body)',
    options: { strategies: ['invalidCommands'], liarsProbability: 1 },
  },
  {
    bug: 'votes of past views are kept',
    file: 'src/protocol/vote-collector',
    find: 'if (past >= view)',
    replace: 'if (true)',
    mode: 'lite',
  },
  {
    bug: 'a client believes one replica',
    file: 'actors/client/client',
    find: 'const needed = options.faulty + 1;',
    replace: 'const needed = 1;',
    options: { strategies: ['falseReplies', 'earlyReplies'], liarsProbability: 1 },
  },
  ...simulatedClientBugs,
  ...simulatedSpeculationBugs,
  {
    bug: 'votes go to the next leader alone',
    file: 'actors/consensus/votes',
    find: 'return next === own ? [next] : [next, own];',
    replace: 'return [next];',
    options: { replicas: 4, tenure: 1 },
  },
  {
    bug: 'a view that is tenures ahead is not entered',
    file: 'actors/consensus/certificates',
    find: 'if (view <= context.view)',
    replace: 'if (view <= context.view || tenureAt(context, view) > currentTenure(context) + 1)',
    options: { replicas: 4 },
  },
  {
    bug: 'nobody serves those that lag behind',
    file: 'actors/sync/serving',
    find: 'customer.waiting = request;',
    replace: '',
  },
  {
    bug: 'what is missing is asked for once in a life',
    file: 'actors/consensus/certificates',
    find: 'context.missing = qc;',
    replace: `if (context.asked)
        return;
    context.asked = true;
    context.missing = qc;`,
  },
  {
    bug: 'a quorum is everybody',
    file: 'src/protocol/quorum',
    find: 'return n - faultBound(n);',
    replace: 'return n;',
  },
  {
    bug: 'everything is sent again a hundred times as often',
    file: 'src/protocol/view-timer',
    find: 'const RESENDS_PER_TIMEOUT = 4;',
    replace: 'const RESENDS_PER_TIMEOUT = 400;',
    mode: 'lite',
  },
  {
    bug: 'the name of the last committed block is never written',
    file: 'actors/storage/group-commit',
    find: 'this.#tip === null ?',
    replace: 'true ?',
  },
  {
    bug: 'what nothing signed waits for is not written by itself',
    file: 'actors/storage/storage',
    find: "this.#effects.push({ type: 'startTimer', timer: FLUSH_TIMER, delayMs, message });",
    replace: '',
  },
  {
    bug: 'the chart of sync forgets that whom it has asked is gone',
    file: 'machines/sync.machine',
    find: "sourceLost: 'delivering',",
    replace: '',
  },
  {
    bug: 'who leads on is told once more what it has to propose',
    file: 'actors/proposal-generator/proposal-generator',
    find: 'if (!leading || !this.#leads)',
    replace: 'if (true)',
    options: { replicas: 1, tenure: 1 },
  },
  ...simulatedForgeryBugs,
  ...simulatedFetchBugs,
  ...simulatedBoundBugs,
  {
    bug: 'the patience with a leader that is over is started anew, with nothing left of it',
    file: 'actors/pacemaker/tenure-timers',
    find: 'return overdue ? null : this.#command(now);',
    replace: 'return this.#command(now);',
  },
  {
    bug: 'what has rested long enough is taken for a write that failed',
    file: 'actors/storage/storage',
    find: "this.#step({ type: 'flushDue' });",
    replace: "this.#step({ type: 'failed', code: 'STORE_WRITE_FAILED', detail: 'planted' });",
  },
  {
    bug: 'who has nothing to do waits for no heartbeat',
    file: 'src/protocol/view-timer',
    find: 'return baseMs / HEARTBEATS_PER_BASE;',
    replace: 'return 1;',
  },
  {
    bug: 'after a TC a leader builds on a stale high QC',
    file: 'actors/consensus/proposing',
    find: 'return tcEnters(context, tc, view) ? { justify, tc } : null;',
    replace: `const stale = context.tree.get(justify.block)?.header.justify ?? justify;
    return tcEnters(context, tc, view) ? { justify: stale, tc } : null;`,
    guards: [
      {
        file: 'actors/consensus/proposing',
        find: 'const parent = tree.get(context.heldQc.block);',
        replace: 'const parent = tree.get(justified?.justify.block); if (parent === undefined) return;',
      },
    ],
    options: { rule: 'two-chain' },
  },
  {
    bug: 'the view of a certificate is not bound to its block',
    file: 'src/wire/signing-bytes',
    find: 'bytes: blockStatement(voteTemplate, view, block)',
    replace: 'bytes: blockStatement(voteTemplate, 0, block)',
    guards: [
      {
        file: 'src/protocol/block-tree',
        find: 'justify.view === parent.header.view);',
        replace: 'true);',
      },
    ],
    options: { strategies: ['wrongView'], liarsProbability: 1 },
  },
  {
    bug: 'which commands ran is forgotten at a restart',
    file: 'actors/proposal-generator/machine-host',
    find: 'if (this.#executor.height === committedHeight)',
    replace: `this.#executor.forgetSessions();
        if (this.#executor.height === committedHeight)`,
    guards: [
      {
        file: 'actors/proposal-generator/command-executor',
        find: 'hashOn() {',
        replace: `forgetSessions() { this.#sessions = new SessionTable(this.#bounds); }
    hashOn() {`,
      },
      {
        file: 'actors/proposal-generator/command-executor',
        find: 'this.#sessions = new SessionTable(bounds);',
        replace: 'this.#sessions = new SessionTable(bounds); this.#bounds = bounds;',
      },
      {
        file: 'actors/proposal-generator/command-executor',
        find: '#height = 0;',
        replace: '#height = 0; #bounds;',
      },
      {
        file: 'actors/proposal-generator/intake',
        find: 'const past = this.#executed.recall(client, sequence);',
        replace: 'const past = null;',
      },
      {
        file: 'actors/proposal-generator/intake',
        find: 'this.#executed.recall(client, command.sequence) !== null || ',
        replace: '',
      },
    ],
  },
];
