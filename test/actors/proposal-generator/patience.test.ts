/** Since when a leader is waited for: not for having much to do, but for leaving out, or for doing next to nothing. */
import type { PacemakerMessage } from '../../../actors/pacemaker/messages.js';
import { limits } from '../../../src/config/limits.js';
import { asHeight, asView } from '../../../src/protocol/numbers.js';
import type { CommandBatch } from '../../../src/wire/peer-messages.js';
import { createPacemaker } from '../../support/actors.js';
import { batchOf, blockOf, range } from '../../support/command-blocks.js';
import { GeneratorHarness } from '../../support/generator-harness.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BASE_MS = 1000;
const PATIENCE_MS = 4 * BASE_MS;

/** A replica whose pacemaker hears what its generator says, and keeps a tenure as long as blocks are committed. */
class Patience {
  readonly generator: GeneratorHarness;
  readonly #pacemaker = createPacemaker({ baseTimeoutMs: BASE_MS });
  #height = 0;
  /** When the timer for the oldest command ends. */
  #due: number | null = null;
  /** When it gave the tenure up; null while it has not. */
  gaveUpAt: number | null = null;

  constructor({ leading = false } = {}) {
    this.generator = GeneratorHarness.ready({ leading, limits, batch: { bytes: limits.bodyBytes } });
    const entered = {
      type: 'viewEntered',
      view: 1000,
      tenure: 1,
      leader: leading ? 0 : 1,
      leading,
      by: 'start',
      unfinished: false,
    };
    this.#hear(entered as never, 0);
  }

  submit(batch: CommandBatch): void {
    this.generator.submit(batch);
    this.#tell();
    this.generator.forwarded();
  }

  /** A block is committed and executed at that time. */
  commit(now: number, batches: readonly CommandBatch[], proposer = 1): void {
    this.#passTo(now);
    this.#height += 1;
    this.generator.commit(blockOf({ height: this.#height, proposer, batches }), batches);
    this.#tell();
    this.#hear({ type: 'blockCommitted', height: asHeight(this.#height), view: asView(1000 + this.#height) }, now);
  }

  /** Whether it has given the tenure up by then, and when. */
  until(now: number): number | null {
    this.#passTo(now);
    return this.gaveUpAt;
  }

  #passTo(now: number): void {
    while (this.#due !== null && this.#due <= now) {
      const at = this.#due;
      this.#due = null;
      this.#hear({ type: 'commandTimerExpired' }, at);
    }
    this.generator.now = now;
  }

  #tell(): void {
    for (const message of this.generator.sent('pacemaker')) this.#hear(message, this.generator.now);
  }

  #hear(message: PacemakerMessage, now: number): void {
    for (const effect of this.#pacemaker.receive(message, { now })) {
      if (effect.type === 'startTimer' && effect.timer === 'command') this.#due = now + effect.delayMs;
      else if (effect.type === 'cancelTimer' && effect.timer === 'command') this.#due = null;
      else if (effect.type === 'send' && effect.message.type === 'timedOut') this.gaveUpAt ??= now;
    }
  }
}

/** 25 clients with 1000 commands each; `next` gives the following ones as a leader serves them: clients in turn. */
function backlog() {
  const [clients, each] = [25, 1000];
  const batches = range(1, clients).map((client) => batchOf(client, range(1, each)));
  let served = 0;
  const next = (count: number): readonly CommandBatch[] => {
    const first = served;
    served += count;
    return range(first, served - 1).map((index) => batchOf((index % clients) + 1, [Math.floor(index / clients) + 1]));
  };
  return { batches, next };
}

test('a leader that gives a follower its share of each block is kept, however long the backlog is', (t) => {
  const replica = new Patience();
  const { batches, next } = backlog();
  for (const batch of batches) replica.submit(batch);
  for (let block = 1; block <= 50; block += 1) replica.commit(block * 200, next(500));
  t.is(replica.generator.generator.counters().executed, 25_000);
  t.is(replica.until(50_000), null);
});

test('a replica that leads does not complain about itself', (t) => {
  const replica = new Patience({ leading: true });
  replica.submit(batchOf(1, range(1, 1000)));
  replica.commit(100, [batchOf(1, [1])], 0);
  t.is(replica.until(10 * PATIENCE_MS), null);
});

test('a leader that does nothing of what it was sent is given up after the patience for one command', (t) => {
  const replica = new Patience();
  replica.submit(batchOf(1, [1, 2]));
  replica.commit(PATIENCE_MS - 1, [batchOf(2, [1])]);
  t.is(replica.until(2 * PATIENCE_MS), PATIENCE_MS);
});

test('a leader that drips commands of a long backlog is given up: a 64th of it is to be done in the patience for one', (t) => {
  for (const done of [15, 16]) {
    const replica = new Patience();
    replica.submit(batchOf(1, range(1, 1000)));
    replica.commit(PATIENCE_MS - 1, [batchOf(1, range(1, done))]);
    const expected = done < 16 ? PATIENCE_MS : 2 * PATIENCE_MS - 1;
    t.is(replica.until(3 * PATIENCE_MS), expected, `${done} of 1000`);
  }
});

test('commands that come while a client is left out do not make it wait longer', (t) => {
  const replica = new Patience();
  replica.submit(batchOf(1, [1]));
  for (let second = 1; second <= 6; second += 1) {
    replica.submit(batchOf(2, [second]));
    replica.commit(second * 999, [batchOf(2, [second])]);
  }
  t.is(replica.gaveUpAt, PATIENCE_MS);
});

test('in which order the commands of a client are done is nothing to complain about', (t) => {
  const replica = new Patience();
  replica.submit(batchOf(1, range(1, 10)));
  replica.commit(PATIENCE_MS - 1, [batchOf(1, range(2, 5))]);
  t.is(replica.until(3 * PATIENCE_MS), 2 * PATIENCE_MS - 1);
});
