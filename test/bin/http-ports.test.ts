import test from 'ava';
import { checkApart, checkRange, httpPort, isApart } from '../../bin/http-ports.js';
import { asReplicaId } from '../../src/protocol/numbers.js';

const listener = (id: number, peerPort: number, clientPort: number) => ({
  ...{ id: asReplicaId(id), host: '127.0.0.1', signingKey: '', transportKey: '' },
  ...{ peerPort, clientPort },
});

test('a port is a whole number from 1 to 65535', (t) => {
  t.is(httpPort('1'), 1);
  t.is(httpPort('65535'), 65_535);
  for (const port of ['0', '65536', '-1', '9100.5', 'x', '']) t.throws(() => httpPort(port), { name: 'UsageError' });
});

test('the last replica of a cluster has a port, too', (t) => {
  t.notThrows(() => checkRange(65_532, 4));
  t.throws(() => checkRange(65_533, 4), {
    name: 'UsageError',
    message: '--http is 65533; with 4 replicas it must be at most 65532',
  });
});

test('two ranges of ports are apart when neither reaches the other', (t) => {
  for (const [first, apart] of [
    [91, true],
    [92, false],
    [99, false],
    [107, false],
    [108, true],
  ] as const) {
    t.is(isApart(100, 8, first, 9), apart, `${first}`);
  }
});

test('a port on which a replica listens is not taken for http, and the replica is named', (t) => {
  const listeners = [listener(0, 100, 102), listener(1, 101, 103)];
  t.notThrows(() => checkApart(98, 2, listeners));
  t.notThrows(() => checkApart(104, 2, listeners));
  const says = (port: number, id: number, use: string) =>
    `--http would take port ${port}, where replica ${id} listens for ${use}; choose another`;
  t.throws(() => checkApart(99, 2, listeners), { name: 'UsageError', message: says(100, 0, 'peers') });
  t.throws(() => checkApart(103, 1, listeners), { name: 'UsageError', message: says(103, 1, 'clients') });
});
