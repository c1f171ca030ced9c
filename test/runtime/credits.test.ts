import type { OverflowPolicy } from '../../src/runtime/lane.js';
import { onOneThread, onBothHosts as test } from '../support/hosts.js';
import { mailboxOf } from '../support/mailboxes.js';
import {
  laneOfStep,
  note,
  perform,
  type Step,
  type StepEffect,
  scriptedSystem,
  send,
} from '../support/scripted-system.js';

const credited = (account: string, units: number): StepEffect => ({
  type: 'send',
  to: 'b',
  message: note(units),
  credit: { account, units },
});

test('credit comes back once a turn, summed by account, from the consumer that handled the messages', (t) => {
  const { system, returns } = scriptedSystem();
  system.post('a', perform(credited('peer 1', 10), credited('peer 2', 5), credited('peer 1', 7)));
  system.start();
  system.runUntilIdle();
  t.deepEqual(returns, [
    {
      to: 'a',
      returned: {
        type: 'creditReturned',
        from: 'b',
        accounts: [
          { account: 'peer 1', messages: 2, units: 17 },
          { account: 'peer 2', messages: 1, units: 5 },
        ],
      },
    },
  ]);
  t.is(system.counters().a.creditReturns, 1);
});

onOneThread('credit does not come back before the message was handled', (t) => {
  const { system, returns, log } = scriptedSystem({ turnBudget: { messages: 1, milliseconds: 9 } });
  system.post('a', perform(credited('peer 1', 1), credited('peer 1', 2)));
  system.start();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'b:1', 'a:creditReturned', 'b:2', 'a:creditReturned']);
  t.deepEqual(
    returns.map(({ returned }) => returned.accounts[0]?.units),
    [1, 2],
  );
});

test('each consumer and each sender has an account of its own', (t) => {
  const { system, returns } = scriptedSystem();
  system.post('a', perform(credited('peer 1', 1), send('c', note(1), 20)));
  system.post('c', perform(credited('peer 1', 300)));
  system.start();
  system.runUntilIdle();
  const units = returns.map(({ to, returned }) => `${returned.from} to ${to}: ${returned.accounts[0]?.units}`);
  t.deepEqual(units.sort(), ['b to a: 1', 'b to c: 300', 'c to a: 20']);
});

for (const overflow of ['refuse', 'dropOldest'] satisfies OverflowPolicy[]) {
  test(`${overflow}: the credit of a message that was not handled comes back too`, (t) => {
    const { system, returns } = scriptedSystem({ mailboxes: { b: mailboxOf<Step>(1, overflow, laneOfStep) } });
    system.post('a', perform(credited('peer 1', 1), credited('peer 1', 2), credited('peer 1', 4)));
    system.start();
    system.runUntilIdle();
    const units = returns.flatMap(({ returned }) => returned.accounts.map((account) => account.units));
    t.is(
      units.reduce((sum, value) => sum + value, 0),
      7,
    );
  });
}

test('a held back message gives its credit back only once it was handled', (t) => {
  const { system, returns } = scriptedSystem({ mailboxes: { b: mailboxOf<Step>(1, 'holdBack', laneOfStep) } });
  system.post('a', perform(credited('peer 1', 1), credited('peer 1', 2)));
  system.start();
  system.runUntilIdle();
  t.deepEqual(
    returns.map(({ returned }) => returned.accounts),
    [[{ account: 'peer 1', messages: 1, units: 1 }], [{ account: 'peer 1', messages: 1, units: 2 }]],
  );
});

test('a full lane of the sender does not keep its credit from coming back', (t) => {
  const { system, returns, log } = scriptedSystem({
    mailboxes: { a: mailboxOf<Step>(1, 'dropOldest', laneOfStep) },
    // as b handles the credited message, a's only place fills up, twice
    onNote: (role) => {
      if (role !== 'b') return;
      system.post('a', note(8));
      system.post('a', note(9));
    },
  });
  system.post('a', perform(credited('peer 1', 1)));
  system.start();
  system.runUntilIdle();
  t.deepEqual(log, ['a:do', 'b:1', 'a:creditReturned', 'a:9']);
  t.is(returns.length, 1);
});

test('a message without credit returns none', (t) => {
  const { system, returns } = scriptedSystem();
  system.post('a', perform(send('b', note(1))));
  system.start();
  system.runUntilIdle();
  t.deepEqual(returns, []);
});
