import test from 'ava';
import { asReplicaId, asTenure, asView } from '../../../src/protocol/numbers.js';
import { ComplaintChecker } from '../../../src/simulation/checkers/complaints.js';
import type { PeerMessage } from '../../../src/wire/peer-messages.js';
import { certify, GENESIS } from '../../support/chain.js';
import { batchOf, blockOf } from '../../support/command-blocks.js';

const BASE = 1000;
const TENURE = 1000;
/** Eight base timeouts, as long as they grow, and what was granted besides. */
const PATIENCE = 8 * BASE * 1.2 ** 8 + 100;
/** When all is quiet, and everybody has found everybody. */
const QUIET = 5000 + 15_000;
const LATE = QUIET + PATIENCE + 1;

const HANDED_ON: PeerMessage = { type: 'commands', batches: [batchOf(1, [1])] };

/** A follower that enters the first tenure at once. */
function watched() {
  const accusations: string[] = [];
  const checker = new ComplaintChecker({
    baseTimeoutMs: BASE,
    tenure: TENURE,
    quietFrom: 5000,
    patienceMs: 100,
    accuse: (invariant, detail) => accusations.push(`${invariant}: ${detail}`),
  });
  checker.booted(2, 0);
  checker.entered(2, 1, 0);
  return { checker, accusations };
}

function timeoutOf(tenure: number, signer = 2): PeerMessage {
  const statement = { signer: asReplicaId(signer), tenure: asTenure(tenure), highQcView: asView(0) };
  return { type: 'timeout', timeout: { ...statement, signature: new Uint8Array(64), highQc: certify(GENESIS) } };
}

test('who waits for ever for a command that it has handed on is found, once', (t) => {
  const { checker, accusations } = watched();
  checker.sent(2, HANDED_ON, 10);
  checker.look(2, LATE - 1);
  t.deepEqual(accusations, []);
  checker.look(2, LATE);
  checker.look(2, LATE + 1);
  t.is(accusations.length, 1);
  t.regex(
    accusations[0] ?? '',
    /^L4: replica 2 has waited \d+ ms in tenure 0 for command 0+1\/1 and has not given it up/,
  );
});

test('a new tenure has the whole time, and so has a command that is handed on later', (t) => {
  const { checker, accusations } = watched();
  checker.sent(2, HANDED_ON, 10);
  checker.entered(2, TENURE, QUIET + 500);
  checker.look(2, LATE + 499);
  t.deepEqual(accusations, []);
  checker.committed(2, [blockOf({ height: 1, batches: [batchOf(1, [1])] })], QUIET + 600);
  checker.sent(2, { type: 'commands', batches: [batchOf(1, [2])] }, QUIET + 700);
  checker.look(2, LATE + 699);
  t.deepEqual(accusations, []);
  checker.look(2, LATE + 700);
  t.is(accusations.length, 1);
});

test('whose command is committed waits for nothing, though the command leaves it once more', (t) => {
  const { checker, accusations } = watched();
  checker.sent(2, HANDED_ON, 10);
  checker.committed(2, [blockOf({ height: 1, batches: [batchOf(1, [1])] })], 15);
  checker.sent(2, HANDED_ON, 20);
  checker.look(2, LATE);
  t.deepEqual(accusations, []);
});

test('who has given the tenure up is not accused, nor who has forgotten its commands at a restart', (t) => {
  const one = watched();
  one.checker.sent(2, HANDED_ON, 10);
  one.checker.sent(2, timeoutOf(0), 20);
  one.checker.look(2, LATE);
  t.deepEqual(one.accusations, []);
  const other = watched();
  other.checker.sent(2, HANDED_ON, 10);
  other.checker.sent(2, timeoutOf(0, 3), 20);
  other.checker.booted(2, 30);
  other.checker.look(2, LATE);
  t.deepEqual(other.accusations, []);
});

test('a leader that has much to do is waited for as long as it does of it, and not for doing what came later', (t) => {
  const commitOf = (client: number) => [blockOf({ height: 1, batches: [batchOf(client, [1])] })];
  for (const [done, late] of [
    [2, QUIET + 900],
    [3, QUIET],
  ] as const) {
    const { checker, accusations } = watched();
    checker.sent(2, { type: 'commands', batches: [batchOf(1, [1]), batchOf(2, [1])] }, 10);
    checker.sent(2, { type: 'commands', batches: [batchOf(3, [1])] }, 20);
    checker.committed(2, commitOf(done), QUIET + 900);
    checker.look(2, late + PATIENCE);
    t.deepEqual(accusations, []);
    checker.look(2, late + PATIENCE + 1);
    t.is(accusations.length, 1);
  }
});
