import test from 'ava';
import { asClientId, asHeight, asSequence } from '../../../src/protocol/numbers.js';
import { ClientCommandsChecker, type ClientCommandsOptions } from '../../../src/simulation/checkers/client-commands.js';
import { encodeBody } from '../../../src/wire/command-batch.js';

const ANN = asClientId('0a'.repeat(16));
const STRANGER = asClientId('0b'.repeat(16));
const [SET, GET, OK, NO] = ['SET a 1', 'GET a', 'ok', 'no'].map((text) => new TextEncoder().encode(text)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const commands = (bytes: Uint8Array, sequence = 1) => [{ sequence: asSequence(sequence), bytes }];

function checker(submitted: ClientCommandsOptions['submitted'] = 'byClients') {
  const accusations: string[] = [];
  const checks = new ClientCommandsChecker({ submitted, accuse: (invariant) => accusations.push(invariant) });
  checks.requested({ type: 'submit', client: ANN, commands: commands(SET) });
  const commit = (height: number, client: typeof ANN, bytes: Uint8Array, sequence = 1): void =>
    checks.committed(height, encodeBody([{ client, commands: commands(bytes, sequence) }]));
  const answer = (height: number, reply: Uint8Array): void =>
    checks.answered(2, {
      type: 'replies',
      client: ANN,
      height: asHeight(height),
      replies: [{ sequence: asSequence(1), reply }],
    });
  return { checks, accusations, commit, answer };
}

test('what a client submitted may be committed, in one block or several', (t) => {
  const { commit, accusations } = checker();
  commit(1, ANN, SET);
  commit(2, ANN, SET);
  t.deepEqual(accusations, []);
});

test('other bytes, another sequence or another client are S9', (t) => {
  const { commit, accusations } = checker();
  commit(1, ANN, GET);
  commit(2, ANN, SET, 2);
  commit(3, STRANGER, SET);
  t.deepEqual(accusations, ['S9', 'S9', 'S9']);
});

test('each height is judged once, and bodies that are no commands are nobody’s', (t) => {
  const { checks, commit, accusations } = checker();
  commit(1, ANN, GET);
  commit(1, ANN, GET);
  checks.committed(2, Uint8Array.of(1, 2, 3));
  t.deepEqual(accusations, ['S9']);
});

test('where liars invent commands of strangers, known clients are still protected; where there are no clients, nobody is', (t) => {
  const strangers = checker('byClientsAndStrangers');
  strangers.commit(1, STRANGER, GET);
  t.deepEqual(strangers.accusations, []);
  strangers.commit(2, ANN, GET);
  t.deepEqual(strangers.accusations, ['S9']);
  const anybody = checker('byNobody');
  anybody.commit(1, ANN, GET);
  t.deepEqual(anybody.accusations, []);
});

test('once a request came in parts nobody knows what was submitted', (t) => {
  const { checks, commit, accusations } = checker();
  checks.requested(null);
  commit(1, ANN, GET);
  t.deepEqual(accusations, []);
});

test('a replica answers what the command answered, at its height; anything else is S10', (t) => {
  const { checks, answer, accusations } = checker();
  answer(3, OK);
  t.deepEqual(accusations, ['S10'], 'before it ran anywhere');
  checks.ran(ANN, 1, { height: 3, reply: OK });
  answer(3, OK);
  t.deepEqual(accusations, ['S10']);
  answer(4, OK);
  answer(3, NO);
  t.deepEqual(accusations, ['S10', 'S10', 'S10']);
  checks.ran(ANN, 1, { height: 4, reply: NO });
  answer(3, OK);
  t.is(accusations.length, 3, 'the first time counts');
});
