import ava from 'ava';
import type { PacemakerMessage } from '../../../actors/pacemaker/messages.js';
import type { PacemakerEffect } from '../../../actors/roles.js';
import { compile } from '../../../machines/index.js';
import { pacemakerMachine } from '../../../machines/pacemaker.machine.js';
import { asHeight, asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import { createPacemaker } from '../../support/actors.js';
import { assertEveryTransitionIsUsed, assertTableEqualsXstate, type ChartScenario } from '../../support/charts.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BASE_MS = 1000;

/** A pacemaker on a hand-moved clock; it notes what was asked for and which timers run. */
class Stage {
  readonly timers = new Map<string, { readonly delayMs: number; readonly message: PacemakerMessage }>();
  now = 0;
  #told: string[] = [];
  readonly #pacemaker;

  constructor(chart = compile(pacemakerMachine)) {
    this.#pacemaker = createPacemaker({ baseTimeoutMs: BASE_MS, chart });
  }

  tell(message: PacemakerMessage): this {
    for (const effect of this.#pacemaker.receive(message, { now: this.now })) this.#perform(effect);
    return this;
  }

  enter(
    view: number,
    how: { leading?: boolean; by?: 'qc' | 'tc' | 'start' | 'commit'; unfinished?: boolean; tenure?: number },
  ): this {
    const { leading = false, by = 'qc', unfinished = false, tenure = 0 } = how;
    const leader = asReplicaId(leading ? 1 : 2);
    const at = { view: asView(view), tenure: asTenure(tenure) };
    return this.tell({ type: 'viewEntered', ...at, leader, leading, by, unfinished });
  }

  commit(): this {
    return this.tell({ type: 'blockCommitted', height: asHeight(1), view: asView(1) });
  }

  work(waiting: boolean, oldestSince: number | null = null): this {
    return this.tell({ type: 'workChanged', waiting, oldestSince });
  }

  /** Fires a timer that must be running. */
  fire(timer: string): this {
    const running = this.timers.get(timer);
    if (running === undefined) throw new Error(`timer ${timer} does not run`);
    this.timers.delete(timer);
    return this.tell(running.message);
  }

  /** What consensus and replica were told since the last look. */
  get told(): readonly string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  delay(timer: string): number | undefined {
    return this.timers.get(timer)?.delayMs;
  }

  #perform(effect: PacemakerEffect): void {
    if (effect.type === 'startTimer') this.timers.set(effect.timer, effect);
    else if (effect.type === 'cancelTimer') this.timers.delete(effect.timer);
    else this.#told.push(wordsOf(effect.message as { type: string } & Record<string, unknown>));
  }
}

function wordsOf({ type, ...facts }: { type: string } & Record<string, unknown>): string {
  return [type, ...Object.values(facts)].join(' ');
}

ava('the table of the pacemaker chart does what xstate does', (t) => {
  assertTableEqualsXstate(pacemakerMachine);
  t.pass('no difference was thrown');
});

test('a new leader proposes at once, work or not', (t) => {
  t.deepEqual(new Stage().enter(1, { leading: true, by: 'start' }).told, ['proposeNow 1 next']);
});

test('who takes its turn by a QC proposes at once with work, and a heartbeat later without', (t) => {
  for (const leading of [true, false]) {
    const stage = new Stage().enter(1, { leading, by: 'start' });
    stage.told;
    t.deepEqual(stage.enter(2, { leading: true, tenure: 1 }).told, []);
    t.deepEqual(stage.fire('heartbeat').told, ['proposeNow 2 empty']);
    t.deepEqual(stage.enter(3, { leading: true, tenure: 2, unfinished: true }).told, ['proposeNow 3 next']);
    t.deepEqual(stage.work(true).enter(4, { leading: true, tenure: 3 }).told, ['proposeNow 4 next']);
  }
});

test('a stable leader with work proposes as soon as its last block is certified', (t) => {
  const stage = new Stage().enter(1, { leading: true, by: 'start' }).work(true);
  stage.told;
  t.deepEqual(stage.enter(2, { leading: true }).told, ['proposeNow 2 next']);
  t.deepEqual(stage.work(false).enter(3, { leading: true, unfinished: true }).told, ['proposeNow 3 next']);
});

test('a stable leader without work proposes one empty block a heartbeat, and at once when work comes', (t) => {
  const stage = new Stage().enter(1, { leading: true, by: 'start' }).enter(2, { leading: true });
  stage.told;
  t.is(Math.round(stage.delay('heartbeat') ?? 0), Math.round(BASE_MS / 3));
  t.deepEqual(stage.fire('heartbeat').told, ['proposeNow 2 empty']);
  stage.enter(3, { leading: true });
  t.deepEqual(stage.work(true).told, ['proposeNow 3 next']);
  t.is(stage.delay('heartbeat'), undefined);
  t.deepEqual(stage.work(false).work(true).told, [], 'one proposal a view');
});

test('a follower proposes nothing, whatever waits', (t) => {
  const stage = new Stage().enter(1, { by: 'start' }).work(true).enter(2, {});
  t.deepEqual(stage.told, []);
  t.is(stage.delay('heartbeat'), undefined);
});

test('entering a view restarts its timer; its end gives up the tenure, again at each expiry', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  t.is(stage.delay('view'), BASE_MS);
  t.deepEqual(stage.fire('view').told, ['timedOut 0']);
  t.deepEqual(stage.fire('view').told, ['timedOut 0']);
  t.deepEqual(stage.enter(2, {}).told, [], 'a view of a tenure that was given up changes nothing');
  t.deepEqual(stage.fire('view').told, ['timedOut 0']);
});

test('where nothing is under way, re-sending counts from the heartbeat, or from a proposal before it', (t) => {
  const idle = BASE_MS / 3 + BASE_MS / 4;
  const busy = BASE_MS / 4;
  const delayAfter = (stage: Stage) => stage.delay('resend');
  const begun = (leading: boolean) => new Stage().enter(1, { by: 'start', leading });
  t.is(delayAfter(begun(false)), busy, 'after a start');
  t.is(delayAfter(begun(false).enter(2, {})), idle);
  t.is(delayAfter(begun(false).enter(2, { unfinished: true })), busy);
  t.is(delayAfter(begun(false).work(true).enter(2, {})), busy);
  t.is(delayAfter(begun(false).enter(1000, { tenure: 1 })), busy, 'with a new leader');
  t.is(delayAfter(begun(false).enter(1000, { tenure: 1, by: 'tc' })), busy * 1.2);
  t.is(delayAfter(begun(true).enter(2, { leading: true })), idle);
  t.is(delayAfter(begun(true).enter(2, { leading: true }).fire('heartbeat')), busy, 'from the proposal on');
  t.is(delayAfter(begun(true).enter(2, { leading: true }).work(true)), busy);
  t.is(delayAfter(begun(false).enter(2, {}).fire('resend')), busy, 'the second time');
});

test('an expiry of an earlier view is nobody’s business', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  const { message } = stage.timers.get('view') as { message: PacemakerMessage };
  t.deepEqual(stage.enter(2, {}).tell(message).told, []);
});

test('the view timer grows by 1.2 a tenure that a TC ended, eight times at most, and a commit after quick views resets it', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  for (let tenure = 1; tenure <= 12; tenure += 1) {
    stage.enter(1 + tenure, { by: 'tc', tenure });
    t.is(stage.delay('view'), BASE_MS * 1.2 ** Math.min(tenure, 8));
  }
  stage.enter(14, { tenure: 12 });
  t.is(stage.delay('view'), BASE_MS * 1.2 ** 8, 'a QC alone does not');
  stage.tell({ type: 'blockCommitted', height: asHeight(1), view: asView(13) }).enter(15, { tenure: 12 });
  t.is(stage.delay('view'), BASE_MS);
});

/** In the first view of tenure `tenures`, with as many ended by a TC. */
function climbed(tenures: number): Stage {
  const stage = new Stage().enter(1, { by: 'start' });
  for (let tenure = 1; tenure <= tenures; tenure += 1) stage.enter(100 * tenure, { by: 'tc', tenure });
  return stage;
}

test('where views take long, a commit leaves the view timer at half as long again as the longest, as far as TCs have brought it', (t) => {
  for (const [tenures, viewMs, kept] of [
    [8, 666, 0],
    [8, 667, 1],
    [8, 1000, 3],
    [8, 1200, 4],
    [8, 3000, 8],
    [2, 1000, 2],
    [0, 1000, 0],
    [20, 1000, 3],
  ] as const) {
    const stage = climbed(tenures);
    const first = 100 * tenures + 1;
    for (const view of [first, first + 1, first + 2]) {
      stage.now += viewMs - (view === first + 1 ? 0 : 200);
      stage.enter(view, { tenure: tenures });
    }
    const longMs = BASE_MS * 1.2 ** Math.min(tenures, 8);
    t.is(stage.delay('view'), tenures === 0 ? BASE_MS : longMs, 'a QC alone changes nothing');
    stage.commit().now += 10;
    stage.enter(first + 3, { tenure: tenures });
    t.is(stage.delay('view'), BASE_MS * 1.2 ** kept, `${tenures} tenures, views of ${viewMs} ms`);
  }
});

test('one slow view keeps the timers for four more, and no tenure’s end forgets it', (t) => {
  const stage = climbed(6);
  stage.now += 2000;
  stage.enter(601, { tenure: 6 });
  for (const quick of [1, 2, 3]) {
    stage.now += 10;
    stage.enter(601 + quick, { tenure: 6 + quick }).commit();
    stage.enter(601 + quick, { tenure: 6 + quick, by: 'commit' });
    t.is(stage.delay('view'), BASE_MS * 1.2 ** 6, `${quick} quick views after it`);
  }
  stage.now += 10;
  stage.enter(605, { tenure: 9 }).commit().enter(606, { tenure: 9 });
  t.is(stage.delay('view'), BASE_MS);
});

test('what a TC ended, or was skipped, or a restart lies in, is no view that took so long', (t) => {
  const stage = climbed(6);
  stage.now += 5000;
  stage.enter(601, { by: 'tc', tenure: 7 });
  stage.now += 5000;
  stage.enter(702, { tenure: 7 });
  stage.now += 10;
  stage.enter(703, { tenure: 7 }).commit().enter(704, { tenure: 7 });
  t.is(stage.delay('view'), BASE_MS);
});

test('an idle view waits for its heartbeat, and keeps no timer long', (t) => {
  const stage = climbed(6);
  for (const view of [601, 602, 603]) {
    stage.now += BASE_MS / 3 + 300;
    stage.enter(view, { tenure: 6 });
  }
  t.is(stage.commit().enter(604, { tenure: 6 }).delay('view'), BASE_MS);
});

test('a quarter of the view timer asks for re-sending, again and again', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  t.is(stage.delay('resend'), BASE_MS / 4);
  t.deepEqual(stage.fire('resend').fire('resend').told, ['resendDue 1', 'resendDue 1']);
});

test('a tenure that consensus gave up by itself is not proposed in', (t) => {
  const stage = new Stage().enter(1, { leading: true, by: 'start' }).enter(2, { leading: true });
  stage.told;
  stage.tell({ type: 'tenureGivenUp', tenure: asTenure(0) });
  t.deepEqual(stage.work(true).enter(3, { leading: true }).told, []);
  t.deepEqual(stage.enter(1000, { leading: true, by: 'tc', tenure: 1 }).told, ['proposeNow 1000 next']);
});

test('a command that no leader commits in four base timeouts costs it its tenure, heartbeats or not', (t) => {
  const stage = new Stage().enter(1, { by: 'start' }).work(true, 0);
  t.is(stage.delay('command'), 4 * BASE_MS);
  for (stage.now = 500; stage.now < 4000; stage.now += 500) stage.enter(1 + stage.now / 500, {});
  t.deepEqual(stage.fire('command').told, ['timedOut 0']);
});

test('each leader gets the whole time for a command, and a committed one stops the clock', (t) => {
  const stage = new Stage().enter(1, { by: 'start' }).work(true, 0);
  stage.now = 3000;
  stage.enter(1000, { tenure: 1 });
  t.is(stage.delay('command'), 4 * BASE_MS);
  stage.work(false, null);
  t.is(stage.delay('command'), undefined);
});

test('a stopped pacemaker asks for nothing and starts no timer, whatever still happens while the replica drains', (t) => {
  const stage = new Stage().enter(1, { leading: true, by: 'start' }).enter(2, { leading: true }).work(false, 0);
  stage.told;
  const heartbeat = stage.timers.get('heartbeat')?.message as PacemakerMessage;
  t.deepEqual(stage.tell({ type: 'stopRequested' }).told, ['partStopped pacemaker']);
  t.is(stage.timers.size, 0);
  // A timer that had fired before it was cancelled, and what consensus and the generator do until they are stopped.
  stage.tell(heartbeat).work(true, 0).enter(3, { leading: true, unfinished: true });
  stage.enter(1000, { leading: true, by: 'tc', tenure: 1 }).tell({ type: 'commandTimerExpired' });
  t.deepEqual(stage.told, []);
  t.is(stage.timers.size, 0);
});

test('a request is refused by an automatic pacemaker, and by a stopped one too', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  const asked = () => stage.tell({ type: 'proposalRequested', request: 7, body: 'next' }).told;
  t.is(asked().length, 1);
  stage.tell({ type: 'stopRequested' }).told;
  t.is(asked().length, 1);
});

test('removing any one transition of the chart makes a scenario fail', async (t) => {
  const says = (stage: Stage, expected: readonly string[]) => {
    const told = stage.told;
    if (told.join() !== expected.join()) throw new Error(`told ${told.join()} in place of ${expected.join()}`);
  };
  const first = (stage: Stage, leading: boolean) => {
    stage.enter(1, { leading, by: 'start' });
    stage.told;
    return stage;
  };
  const timer = (stage: Stage) => {
    if (!stage.timers.has('view')) throw new Error('no view timer runs');
    stage.timers.delete('view');
    return stage;
  };
  const scenarios: readonly ((stage: Stage) => void)[] = [
    (stage) => says(timer(first(stage, false)).enter(2, {}).fire('view'), ['timedOut 0']),
    (stage) => says(stage.enter(1, { leading: true, by: 'start' }), ['proposeNow 1 next']),
    (stage) =>
      says(
        first(stage, false)
          .tell({ type: 'tenureGivenUp', tenure: asTenure(0) })
          .fire('view'),
        ['timedOut 0'],
      ),
    (stage) => {
      first(stage, false).tell({ type: 'tenureGivenUp', tenure: asTenure(0) });
      says(stage.enter(2, { leading: true, unfinished: true }), []);
    },
    (stage) => {
      first(stage, false).work(true, 0);
      stage.now = 4000;
      says(stage.fire('command'), ['timedOut 0']);
    },
    (stage) => {
      first(stage, true).work(true, 0);
      stage.now = 4000;
      says(stage.fire('command'), ['timedOut 0']);
    },
    (stage) => says(timer(first(stage, true)).enter(2, { leading: true, unfinished: true }), ['proposeNow 2 next']),
    (stage) => {
      first(stage, true).enter(2, { leading: true });
      says(stage.enter(3, { leading: true, unfinished: true }), ['proposeNow 3 next']);
    },
    (stage) => says(first(stage, true).enter(2, { leading: true }).work(true), ['proposeNow 2 next']),
    (stage) => says(first(stage, true).enter(2, { leading: true }).fire('heartbeat'), ['proposeNow 2 empty']),
    (stage) => {
      timer(first(stage, true)).enter(2, { tenure: 1 });
      says(timer(stage).work(true), []);
    },
    (stage) => says(timer(first(stage, true)).enter(2, { leading: true, by: 'tc', tenure: 1 }), ['proposeNow 2 next']),
    (stage) => {
      first(stage, true).tell({ type: 'tenureGivenUp', tenure: asTenure(0) });
      says(stage.enter(2, { leading: true, unfinished: true }), []);
    },
    ...[true, false].map((leading) => (stage: Stage) => {
      timer(first(stage, leading)).enter(2, { leading: true, tenure: 1, unfinished: true });
      says(timer(stage), ['proposeNow 2 next']);
    }),
    (stage) => {
      first(stage, false).fire('view').told;
      timer(stage).enter(2, { leading: true, tenure: 1, unfinished: true });
      says(timer(stage), ['proposeNow 2 next']);
    },
    (stage) => says(first(stage, true).fire('view'), ['timedOut 0']),
    (stage) => {
      first(stage, false).fire('view').told;
      timer(stage).enter(2, { tenure: 1, by: 'tc' });
      timer(stage);
    },
    (stage) => {
      first(stage, false).fire('view').told;
      says(stage.enter(2, { leading: true, by: 'tc', tenure: 1 }), ['proposeNow 2 next']);
    },
    (stage) => {
      first(stage, false).fire('view').told;
      timer(stage).enter(2, {});
      timer(stage);
    },
    (stage) => {
      first(stage, false).fire('view').told;
      says(stage.fire('view'), ['timedOut 0']);
    },
  ];
  const runAll: ChartScenario<typeof pacemakerMachine>[] = scenarios.map((run) => (chart) => run(new Stage(chart)));
  await assertEveryTransitionIsUsed(pacemakerMachine, runAll);
  t.pass('each mutant failed a scenario');
});

test('who turns out to lead the present view proposes at once, with a whole timer; who does not any more, no more', (t) => {
  const stage = new Stage().enter(1, { by: 'start' });
  stage.enter(5, { tenure: 1, by: 'tc' });
  t.deepEqual(stage.told, []);
  const grown = stage.delay('view');
  t.deepEqual(stage.enter(5, { tenure: 1, by: 'commit', leading: true }).told, ['proposeNow 5 next']);
  t.is(stage.delay('view'), grown, 'it is no further tenure that ended by a TC');
  stage.enter(6, { tenure: 1, leading: true });
  stage.enter(6, { tenure: 1, by: 'commit' });
  t.deepEqual(stage.work(true).told, []);
});

test('a tenure that is given up stays so, whoever turns out to lead it', (t) => {
  const stage = new Stage().enter(1, { by: 'start' }).fire('view');
  t.deepEqual(stage.told, ['timedOut 0']);
  t.deepEqual(stage.enter(1, { by: 'commit', leading: true }).told, []);
  t.deepEqual(stage.fire('view').told, ['timedOut 0']);
});
