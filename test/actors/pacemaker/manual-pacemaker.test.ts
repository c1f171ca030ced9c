import assert from 'node:assert/strict';
import ava from 'ava';
import type { PacemakerMessage } from '../../../actors/pacemaker/messages.js';
import type { RequestAnswer } from '../../../actors/pacemaker/requests.js';
import { compile } from '../../../machines/index.js';
import { manualPacemakerMachine } from '../../../machines/manual-pacemaker.machine.js';
import { limits } from '../../../src/config/limits.js';
import { asHeight, asReplicaId, asTenure, asView, type BlockHash } from '../../../src/protocol/numbers.js';
import { createManualPacemaker, createPacemaker } from '../../support/actors.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate } from '../../support/charts.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BASE_MS = 1000;
const hash = (name: string | number) => `${name}`.padStart(64, '0') as BlockHash;

/** A manual pacemaker of replica 1 on a hand-moved clock: what it told consensus, what it answered, which timers run. */
class Stage {
  readonly timers = new Map<string, { readonly delayMs: number; readonly message: PacemakerMessage }>();
  readonly answers = new Map<number, RequestAnswer>();
  now = 0;
  #told: string[] = [];
  readonly #pacemaker;

  constructor(chart = compile(manualPacemakerMachine)) {
    this.#pacemaker = createManualPacemaker({ baseTimeoutMs: BASE_MS, chart });
  }

  tell(message: PacemakerMessage): this {
    for (const effect of this.#pacemaker.receive(message, { now: this.now })) {
      if (effect.type === 'startTimer') this.timers.set(effect.timer, effect);
      else if (effect.type === 'cancelTimer') this.timers.delete(effect.timer);
      else if (effect.type === 'send' && effect.message.type === 'requestAnswered') {
        assert(!this.answers.has(effect.message.request), 'a request is answered once');
        this.answers.set(effect.message.request, effect.message.answer);
      } else if (effect.type === 'send') {
        const { type, ...facts } = effect.message;
        this.#told.push([type, ...Object.values(facts)].join(' '));
      }
    }
    return this;
  }

  enter(view: number, how: { leader?: number; by?: 'qc' | 'tc' | 'start' | 'commit'; tenure?: number } = {}): this {
    const { leader = 1, by = 'qc', tenure = 0 } = how;
    return this.tell({
      type: 'viewEntered',
      view: asView(view),
      tenure: asTenure(tenure),
      leader: asReplicaId(leader),
      leading: leader === 1,
      by,
      unfinished: false,
    });
  }

  /** The first view of all, under this replica (1) or another. */
  begin(leader = 1): this {
    return this.enter(1, { leader, by: 'start' });
  }

  propose(request: number, body: 'empty' | 'next' = 'next'): this {
    return this.tell({ type: 'proposalRequested', request, body });
  }

  proposed(view: number): this {
    return this.tell({ type: 'blockProposed', view: asView(view), height: asHeight(view), hash: hash(view) });
  }

  awaitQc(request: number, block: string | number): this {
    return this.tell({ type: 'qcAwaited', request, block: hash(block) });
  }

  decide(block: string | number, outcome: 'certified' | 'superseded' | 'unknown'): this {
    return this.tell({ type: 'qcDecided', block: hash(block), outcome });
  }

  changeView(request: number): this {
    return this.tell({ type: 'viewChangeRequested', request });
  }

  /** Fires a timer that must be running. */
  fire(timer: string): this {
    const running = this.timers.get(timer);
    assert(running !== undefined, `timer ${timer} runs`);
    this.timers.delete(timer);
    return this.tell(running.message);
  }

  /** What consensus and replica were told since the last look. */
  get told(): readonly string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** The answer to a request in a word: the hash of the block, the outcome, or the code of the refusal. */
  answer(request: number): string | undefined {
    const answer = this.answers.get(request);
    switch (answer?.kind) {
      case 'proposed':
        return answer.block.hash;
      case 'qc':
        return answer.outcome;
      case 'refused':
        return answer.code;
      default:
        return answer?.kind;
    }
  }

  facts(request: number): unknown {
    const answer = this.answers.get(request);
    return answer?.kind === 'refused' ? answer.facts : undefined;
  }
}

ava('the table of the manual pacemaker chart does what xstate does', (t) => {
  assertTableEqualsXstate(manualPacemakerMachine);
  t.pass('no difference was thrown');
});

test('a leader proposes when it is told to, with the body that was asked for, and never by itself', (t) => {
  const stage = new Stage().begin();
  stage.tell({ type: 'workChanged', waiting: true, oldestSince: 0 });
  t.deepEqual(stage.told, [], 'work alone does nothing');
  t.false(stage.timers.has('heartbeat'));
  t.deepEqual(stage.propose(1).told, ['proposeNow 1 next']);
  t.is(stage.answer(1), undefined, 'not before the block is made');
  stage.proposed(1);
  t.deepEqual(stage.answers.get(1), { kind: 'proposed', block: { hash: hash(1), view: 1, height: 1 } });
  t.deepEqual(stage.enter(2).propose(2, 'empty').told.slice(-1), ['proposeNow 2 empty']);
});

test('there is one proposal a view; a further one is refused, and named once it is made', (t) => {
  const stage = new Stage().begin().propose(1).propose(2);
  t.is(stage.answer(2), 'PROPOSAL_PENDING');
  t.deepEqual(stage.facts(2), { view: 1, block: null });
  stage.proposed(1).propose(3);
  t.deepEqual(stage.facts(3), { view: 1, block: hash(1) });
  stage.enter(2).propose(4).proposed(2);
  t.is(stage.answer(4), hash(2));
  stage.enter(3).propose(5).propose(6);
  t.deepEqual(stage.facts(6), { view: 3, block: null }, 'not the block of an earlier view');
});

test('who does not lead proposes nothing, and says who leads', (t) => {
  const stage = new Stage().begin(3).propose(1);
  t.deepEqual(stage.told, []);
  t.is(stage.answer(1), 'NOT_LEADING');
  t.deepEqual(stage.facts(1), { leader: 3, view: 1 });
  stage.fire('view').propose(2);
  t.is(stage.answer(2), 'NOT_LEADING', 'having timed out, too');
});

test('nothing is asked for before the first view', (t) => {
  const stage = new Stage().propose(1).awaitQc(2, 1).changeView(3);
  t.deepEqual(
    [1, 2, 3].map((request) => stage.answer(request)),
    ['NOT_READY', 'NOT_READY', 'NOT_READY'],
  );
  t.deepEqual(stage.told, []);
});

test('a proposal that was asked for is refused when its view is left, or its tenure given up, before it is made', (t) => {
  const left = new Stage().begin().propose(1).enter(7, { tenure: 1, leader: 2, by: 'tc' });
  t.is(left.answer(1), 'VIEW_LEFT');
  t.deepEqual(left.facts(1), { view: 7 });
  t.is(new Stage().begin().propose(1).enter(2).answer(1), 'VIEW_LEFT', 'whoever leads the next');
  const givenUp = new Stage()
    .begin()
    .propose(1)
    .tell({ type: 'tenureGivenUp', tenure: asTenure(0) });
  t.is(givenUp.answer(1), 'TENURE_GIVEN_UP');
  t.is(givenUp.propose(2).answer(2), 'TENURE_GIVEN_UP');
  const other = new Stage()
    .begin()
    .propose(1)
    .tell({ type: 'tenureGivenUp', tenure: asTenure(4) });
  t.is(other.answer(1), undefined, 'another tenure is nobody’s business');
});

test('a block that consensus made before it heard of the end of the tenure is told', (t) => {
  const stage = new Stage().begin().propose(1).fire('view');
  t.is(stage.answer(1), undefined);
  stage.proposed(1).tell({ type: 'tenureGivenUp', tenure: asTenure(0) });
  t.is(stage.answer(1), hash(1));
});

test('what is proposed is followed, so that its outcome is told however late it is asked for', (t) => {
  const stage = new Stage().begin().propose(1);
  stage.told;
  t.deepEqual(stage.proposed(1).told, [`qcWanted ${hash(1)}`]);
  stage.awaitQc(2, 1).awaitQc(3, 1);
  t.deepEqual(stage.told, [], 'consensus is asked once');
  t.is(stage.answer(2), undefined);
  stage.decide(1, 'certified');
  t.deepEqual([stage.answer(2), stage.answer(3)], ['certified', 'certified']);
  t.is(stage.awaitQc(4, 1).answer(4), 'certified');
});

test('a block of others is asked after; what consensus does not know is refused, and asked again the next time', (t) => {
  const stage = new Stage().begin(2).awaitQc(1, 9);
  t.deepEqual(stage.told, [`qcWanted ${hash(9)}`]);
  stage.decide(9, 'unknown');
  t.is(stage.answer(1), 'UNKNOWN_BLOCK');
  t.deepEqual(stage.facts(1), { block: hash(9) });
  t.deepEqual(stage.awaitQc(2, 9).told, [`qcWanted ${hash(9)}`]);
  t.is(stage.decide(9, 'superseded').answer(2), 'superseded');
});

test('a decided block answers those who wait for it, and no others', (t) => {
  const stage = new Stage().begin(2).awaitQc(1, 8).awaitQc(2, 9).decide(8, 'superseded');
  t.deepEqual([stage.answer(1), stage.answer(2)], ['superseded', undefined]);
});

test('a cancelled request is not answered', (t) => {
  const stage = new Stage().begin(2).awaitQc(1, 9).awaitQc(2, 9);
  stage.tell({ type: 'requestCancelled', request: 1 }).decide(9, 'certified');
  t.deepEqual([stage.answer(1), stage.answer(2)], [undefined, 'certified']);
});

test('of decided blocks the newest thousand are remembered', (t) => {
  const stage = new Stage().begin(2);
  const last = limits.rememberedOutcomes;
  for (let block = 0; block <= last; block += 1) stage.awaitQc(block, block).decide(block, 'certified');
  stage.told;
  t.is(stage.awaitQc(2000, 1).answer(2000), 'certified', 'the oldest that is remembered');
  t.deepEqual(stage.told, []);
  t.deepEqual(stage.awaitQc(2001, 0).told, [`qcWanted ${hash(0)}`], 'the one before it');
});

test('a view change is asked for once a tenure, by a leader or another', (t) => {
  for (const leader of [1, 2]) {
    const stage = new Stage().begin(leader).changeView(1);
    t.deepEqual(stage.told, ['timedOut 0']);
    t.is(stage.answer(1), 'viewChangeRequested');
    t.deepEqual(stage.changeView(2).told, [], 'the Timeout is sent again by the timer');
    t.is(stage.answer(2), 'viewChangeRequested');
    t.deepEqual(stage.fire('view').told, ['timedOut 0']);
    t.deepEqual(stage.enter(9, { tenure: 1, leader: 3, by: 'tc' }).changeView(3).told, ['timedOut 1']);
  }
});

test('the timers run as with the automatic pacemaker: a leader that is silent or censors loses its tenure', (t) => {
  const stage = new Stage().begin();
  t.is(stage.timers.get('view')?.delayMs, BASE_MS);
  t.is(stage.timers.get('resend')?.delayMs, BASE_MS / 4);
  t.deepEqual(stage.fire('resend').told, ['resendDue 1']);
  t.deepEqual(stage.fire('view').told, ['timedOut 0']);
  stage.enter(9, { tenure: 1, leader: 2, by: 'tc' });
  t.is(stage.timers.get('view')?.delayMs, BASE_MS * 1.2);
  stage.tell({ type: 'blockCommitted', height: asHeight(1), view: asView(1) }).enter(10, { tenure: 1, leader: 2 });
  t.is(stage.timers.get('view')?.delayMs, BASE_MS);
  stage.tell({ type: 'workChanged', waiting: true, oldestSince: 0 });
  t.is(stage.timers.get('command')?.delayMs, 4 * BASE_MS);
  stage.now = 4 * BASE_MS;
  t.deepEqual(stage.fire('command').told, ['timedOut 1']);
});

test('an expiry of an earlier view is nobody’s business', (t) => {
  const stage = new Stage().begin();
  const expired = [...stage.timers.values()].map(({ message }) => message);
  stage.enter(2);
  for (const message of expired) stage.tell(message);
  t.deepEqual(stage.told, []);
});

test('a stop refuses what waits and what comes, and no timer runs afterwards', (t) => {
  const stage = new Stage().begin().propose(1).awaitQc(2, 9);
  stage.told;
  t.deepEqual(stage.tell({ type: 'stopRequested' }).told, ['partStopped pacemaker']);
  stage.propose(3).awaitQc(4, 9).changeView(5).tell({ type: 'requestCancelled', request: 4 });
  for (const request of [1, 2, 3, 4, 5]) t.is(stage.answer(request), 'REPLICA_STOPPED', `request ${request}`);
  stage.enter(2).proposed(2).decide(9, 'certified');
  t.is(stage.timers.size, 0);
  t.deepEqual(stage.told, []);
});

test('the automatic pacemaker refuses each request, and says how to get the other', (t) => {
  const pacemaker = createPacemaker({ baseTimeoutMs: BASE_MS });
  const requests: readonly PacemakerMessage[] = [
    { type: 'proposalRequested', request: 1, body: 'next' },
    { type: 'qcAwaited', request: 2, block: hash(1) },
    { type: 'viewChangeRequested', request: 3 },
  ];
  for (const [index, request] of requests.entries()) {
    const [effect, ...others] = pacemaker.receive(request, { now: 0 });
    t.like(effect, { to: 'replica', message: { request: index + 1, answer: { code: 'PACEMAKER_AUTOMATIC' } } });
    t.deepEqual(others, []);
  }
  t.deepEqual(pacemaker.receive({ type: 'requestCancelled', request: 1 }, { now: 0 }), []);
});

/** Demands what consensus was told since the last look. */
function says(stage: Stage, ...expected: readonly string[]): void {
  assert.deepEqual(stage.told, expected);
}

/** Forgets the view timer, which must run: who starts it again is seen. */
function timerGone(stage: Stage): Stage {
  assert(stage.timers.delete('view'), 'the view timer runs');
  return stage;
}

const givenUp: PacemakerMessage = { type: 'tenureGivenUp', tenure: asTenure(0) };
const FOLLOWING = { leader: 2 };
const NEXT = { tenure: 1, by: 'tc' } as const;
/** What each phase does with each event that it accepts; `begun` brings the stage into it. */
const PHASES: readonly ((chart: ReturnType<typeof compile<typeof manualPacemakerMachine>>) => Stage)[] = [
  (chart) => new Stage(chart).begin(2),
  (chart) => new Stage(chart).begin(),
  (chart) => {
    const stage = new Stage(chart).begin().propose(1);
    stage.told;
    return stage;
  },
];

test('removing any one transition of the chart makes a scenario fail', async (t) => {
  const anyPhase: readonly ((stage: Stage) => void)[] = [
    (stage) => timerGone(timerGone(stage).enter(2, FOLLOWING)).propose(7),
    (stage) => assert.equal(stage.enter(2, FOLLOWING).propose(7).answer(7), 'NOT_LEADING'),
    (stage) => timerGone(timerGone(stage).enter(2, { tenure: 1 })),
    (stage) => says(stage.enter(2, { tenure: 1 }).propose(7), 'proposeNow 2 next'),
    (stage) => says(stage.tell(givenUp).changeView(7)),
    (stage) => says(stage.fire('view'), 'timedOut 0'),
    (stage) => says(stage.changeView(7), 'timedOut 0'),
    (stage) => {
      stage.tell({ type: 'workChanged', waiting: true, oldestSince: 0 }).now = 4 * BASE_MS;
      says(stage.fire('command'), 'timedOut 0');
    },
  ];
  const timedOut: readonly ((stage: Stage) => void)[] = [
    (stage) => timerGone(timerGone(stage).enter(2, { ...NEXT, ...FOLLOWING })),
    (stage) => says(stage.enter(2, NEXT).propose(7), 'proposeNow 2 next'),
    (stage) => timerGone(timerGone(stage).enter(2)),
    (stage) => assert.equal(stage.enter(2).propose(7).answer(7), 'TENURE_GIVEN_UP'),
    (stage) => says(stage.fire('view'), 'timedOut 0'),
  ];
  await assertEveryTransitionIsUsed(manualPacemakerMachine, [
    ...PHASES.flatMap((begun) =>
      anyPhase.map((scenario) => (chart: Parameters<typeof begun>[0]) => scenario(begun(chart))),
    ),
    ...timedOut.map((scenario) => (chart: Parameters<(typeof PHASES)[0]>[0]) => {
      scenario(new Stage(chart).begin().tell(givenUp));
    }),
  ]);
  t.pass('each mutant failed a scenario');
});

test('who turns out to lead the present view may propose, and who does not any more is told who does', (t) => {
  const stage = new Stage().begin(2).enter(1, { leader: 1, by: 'commit' });
  t.deepEqual(stage.propose(1).told, ['proposeNow 1 next']);
  stage.enter(1, { leader: 3, by: 'commit' });
  t.like(stage.answers.get(1), { kind: 'refused', code: 'VIEW_LEFT' });
  t.like(stage.propose(2).answers.get(2), { kind: 'refused', code: 'NOT_LEADING', facts: { leader: 3 } });
});

test('a tenure that is given up stays so under a manual pacemaker, whoever turns out to lead it', (t) => {
  const stage = new Stage().begin().tell(givenUp).enter(1, { by: 'commit' });
  t.like(stage.propose(1).answers.get(1), { kind: 'refused', code: 'TENURE_GIVEN_UP' });
});
