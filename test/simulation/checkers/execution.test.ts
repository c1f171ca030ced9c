import test from 'ava';
import { type Execution, ExecutionChecker } from '../../../src/simulation/checkers/execution.js';

function watched() {
  const accusations: string[] = [];
  const checker = new ExecutionChecker((invariant, detail) => accusations.push(`${invariant}: ${detail}`));
  function execute(replica: number, execution: Partial<Execution>): void {
    checker.executed(replica, { height: 1, stateHash: null, reported: null, ran: [], ...execution });
  }
  return { accusations, execute };
}

test('states that replicas themselves report at one height are compared, where the machine alone is the same', (t) => {
  const { accusations, execute } = watched();
  execute(0, { stateHash: 'aa', reported: '01' });
  execute(1, { stateHash: 'aa', reported: '01' });
  execute(2, { stateHash: 'aa' });
  t.deepEqual(accusations, []);
  execute(3, { stateHash: 'aa', reported: '02' });
  t.deepEqual(accusations, ['S2: replicas 0 and 3 at height 1 report different states: 01 and 02']);
});

test('states of machines and replies are compared, and a command runs once', (t) => {
  const { accusations, execute } = watched();
  execute(0, { stateHash: 'aa', ran: [{ command: 'c/1', reply: 'yes' }] });
  execute(1, { stateHash: 'bb', ran: [{ command: 'c/1', reply: 'no' }] });
  execute(0, { height: 2, ran: [{ command: 'c/1', reply: 'yes' }] });
  t.deepEqual(accusations, [
    'S2: replicas 0 and 1 at height 1 answered command c/1 differently: yes and no',
    'S2: replicas 0 and 1 at height 1 hold different states: aa and bb',
    'S9: command c/1 ran at height 1 and at 2',
  ]);
});
