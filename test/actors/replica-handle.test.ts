/** The handle of a replica against actors that do nothing but report, and ports that close when the test lets them. */
import test from 'ava';
import type { ReplicaEffect } from '../../actors/replica/messages.js';
import { Replica } from '../../actors/replica-handle.js';
import { REPLICA_ROLES, type ReplicaRole, type ReplicaRoles } from '../../actors/roles.js';
import { type ErrorFacts, InvariantViolation } from '../../src/errors.js';
import { asHeight, asReplicaId, asView } from '../../src/protocol/numbers.js';
import { ActorSystem } from '../../src/runtime/index.js';
import { testCluster } from '../support/clusters.js';
import { mailboxOf } from '../support/mailboxes.js';
import { VirtualTime } from '../support/virtual-time.js';

const { cluster } = testCluster({ replicas: 1 });
const FAILURE: ReplicaEffect = { type: 'reportFailure', code: 'STORE_WRITE_FAILED', detail: 'no space' };

/** A replica whose actor answers its start with `reports`; storage's port closes when `closing` settles. */
function replicaThat(
  reports: readonly ReplicaEffect[],
  closing: Promise<void>,
  listen: (replica: Replica) => void = () => undefined,
  ownActors: readonly ReplicaRole[] = [],
) {
  const time = new VirtualTime();
  const logged: { readonly event: string; readonly facts: ErrorFacts }[] = [];
  const log = { info: () => undefined, warn: (event: string, facts = {}) => void logged.push({ event, facts }) };
  const replica = new Replica({
    proposalBufferTarget: null,
    pool: null,
    cluster,
    id: asReplicaId(0),
    log,
    ownActors,
  });
  const system = new ActorSystem<ReplicaRoles>({
    ...time.host,
    roles: REPLICA_ROLES,
    onFailure: (failure) => replica.actorFailed(failure),
  });
  const silent = { receive: () => [] };
  for (const role of ['pacemaker', 'proposalGenerator', 'sync', 'consensus', 'network'] as const) {
    system.add(role, { behaviour: silent, mailbox: mailboxOf(1) });
  }
  system.add('gateway', { behaviour: silent, mailbox: mailboxOf(2) });
  const receive = (): readonly { readonly type: 'write' }[] => [];
  const port = () => ({ perform: () => undefined, close: () => closing });
  system.add('storage', { behaviour: { receive }, mailbox: mailboxOf(1), port });
  system.add('replica', { behaviour: reporter(reports), mailbox: mailboxOf(1), port: replica.port });
  const events: string[] = [];
  listen(replica);
  replica.on('phase', (phase) => events.push(`phase ${phase}`));
  replica.on('failed', ({ message }) => events.push(`failed: ${message}`));
  replica.on('stopped', () => events.push('stopped'));
  const started = replica.run(system).then(
    () => events.push('started'),
    ({ message }: Error) => events.push(`rejected: ${message}`),
  );
  time.runUntilIdle();
  return { replica, events, logged, started };
}

function reporter(reports: readonly ReplicaEffect[]) {
  return {
    receive: () => {
      if (reports.length === 0) throw new Error('a bug');
      return reports;
    },
  };
}

/** A promise of a port's end, and how the test ends it. */
function door() {
  let open: () => void = () => undefined;
  let jam: (error: Error) => void = () => undefined;
  const closing = new Promise<void>((resolve, reject) => {
    open = resolve;
    jam = reject;
  });
  return { closing, open, jam };
}

/** Lets everything go on that waits for no port. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test('a start that fails rejects, and failed is told, once every port is closed and not before', async (t) => {
  const { closing, open } = door();
  const { events, replica, started } = replicaThat([FAILURE], closing);
  await settle();
  t.deepEqual(events, ['phase failed']);
  open();
  await started;
  t.deepEqual(events, ['phase failed', 'failed: no space', 'rejected: no space']);
  await t.throwsAsync(replica.stop(), { code: 'STORE_WRITE_FAILED' });
});

test('the phase is failed when an actor throws, and its name and last messages are told', async (t) => {
  const { events, replica, started } = replicaThat([], Promise.resolve());
  await started;
  t.is(replica.phase, 'failed');
  const [phase, failed] = events;
  t.is(phase, 'phase failed');
  t.is(failed, 'failed: replica threw on startRequested: a bug; last messages: startRequested');
});

test('an actor of the application’s own that throws is the application’s fault, whatever it throws; our bug in it is ours', async (t) => {
  const failureOf = async (thrown: unknown) => {
    const listening = { type: 'reportListening', peerPort: 1, clientPort: 2 } as const;
    const { replica, started } = replicaThat([listening], Promise.resolve(), undefined, ['gateway']);
    await started;
    replica.actorFailed({ role: 'gateway', error: thrown, messageType: 'commandSubmitted', lastMessages: ['a', 'b'] });
    return await t.throwsAsync(replica.stop());
  };
  t.like(await failureOf(new Error('plain')), {
    name: 'OperationalError',
    code: 'APPLICATION_THREW',
    message: 'actors.gateway threw on commandSubmitted: plain; last messages: a; b',
  });
  t.regex(`${(await failureOf(Object.create(null)))?.message}`, /something that cannot be shown as text/);
  t.like(await failureOf(new InvariantViolation('a rule')), { code: 'INVARIANT_VIOLATED' });
});

test('a port that cannot be closed is logged, and does not hide why the replica failed', async (t) => {
  const { closing, jam } = door();
  const { events, logged, started } = replicaThat([FAILURE], closing);
  jam(new Error('the disk is gone'));
  await started;
  t.deepEqual(events.slice(1), ['failed: no space', 'rejected: no space']);
  t.is(logged.length, 1);
  t.is(logged[0]?.event, 'closeFailed');
  t.regex(`${logged[0]?.facts.error}`, /the disk is gone/);
});

test('a stop that cannot close a port fails, in every way that it is told', async (t) => {
  const { closing, jam } = door();
  const { events, replica, started } = replicaThat([{ type: 'reportStopped' }], closing);
  jam(new Error('the disk is gone'));
  await started;
  const error = await t.throwsAsync(replica.stop(), { code: 'CLOSE_FAILED' });
  t.regex(`${error?.message}`, /the disk is gone/);
  t.deepEqual(
    events.map((event) => event.split(':')[0]),
    ['phase failed', 'failed', 'rejected'],
  );
});

test('a replica has stopped when its ports are closed, and not before', async (t) => {
  const { closing, open } = door();
  const { events, replica } = replicaThat([{ type: 'reportStopped' }], closing);
  await settle();
  t.deepEqual(events, []);
  open();
  await replica.stop();
  t.deepEqual(events.slice(0, 1), ['stopped']);
});

test('a listener whose promise rejects is one that throws: named, logged once, and the replica stops', async (t) => {
  const view = { type: 'reportView', view: asView(1), leader: asReplicaId(0) } as const;
  const calls: number[] = [];
  const { events, logged, replica } = replicaThat([view, view], Promise.resolve(), (made) => {
    made.on('view', async () => {
      calls.push(1);
      throw new Error('no such table');
    });
    made.on('view', async () => undefined);
  });
  await settle();
  const error = await t.throwsAsync(replica.stop(), { code: 'APPLICATION_THREW' });
  t.is(error?.message, "a listener of 'view' threw: no such table");
  t.is(calls.length, 2, 'nobody waits for the first');
  t.deepEqual(
    logged.map(({ event }) => event),
    ['listenerThrew'],
  );
  t.is(events[0], 'phase failed');
});

/** A replica that runs and was given a command, and what its actor then reports of it. */
function withCommand() {
  const started = replicaThat([{ type: 'reportPhase', phase: 'active' }], Promise.resolve());
  const command = started.replica.submit(new Uint8Array([1]));
  const { perform } = started.replica.port(() => true);
  return { ...started, command, perform };
}

test('a command is settled by what the replica reports of it, and rejected with the failure once there is one', async (t) => {
  const { replica, command, perform } = withCommand();
  const reply = new Uint8Array([9]);
  perform({ type: 'reportSubmissions', answers: [{ kind: 'executed', ticket: 1, height: asHeight(4), reply }] });
  t.deepEqual(await command, { result: reply, height: asHeight(4) });
  const open = replica.submit(new Uint8Array([2]));
  perform(FAILURE);
  await t.throwsAsync(open, { code: 'STORE_WRITE_FAILED' });
  await t.throwsAsync(replica.submit(new Uint8Array([3])), { code: 'STORE_WRITE_FAILED' });
});

test('from stop() on no command is taken; one that is open is answered still, or rejected at the end', async (t) => {
  const { replica, command, perform } = withCommand();
  const lost = replica.submit(new Uint8Array([2]));
  const stopping = replica.stop();
  await t.throwsAsync(replica.submit(new Uint8Array([3])), { code: 'REPLICA_STOPPED' });
  perform({
    type: 'reportSubmissions',
    answers: [{ kind: 'executed', ticket: 1, height: asHeight(4), reply: new Uint8Array() }],
  });
  t.is((await command).height, asHeight(4));
  perform({ type: 'reportStopped' });
  await t.throwsAsync(lost, { code: 'REPLICA_STOPPED', message: 'the replica has stopped' });
  await stopping;
});

test('a listener is a function, of an event that there is', async (t) => {
  const { replica, events } = replicaThat([{ type: 'reportPhase', phase: 'active' }], Promise.resolve());
  const events6 = "'committed', 'view', 'proposalBuffer', 'phase', 'failed' or 'stopped'";
  t.throws(() => replica.on('nosuchevent' as 'view', () => undefined), {
    name: 'ConfigurationError',
    code: 'OPTION_OUT_OF_RANGE',
    message: `the event is "nosuchevent"; it must be ${events6}`,
  });
  t.throws(() => replica.on('view', undefined as never), {
    name: 'ConfigurationError',
    code: 'OPTION_OUT_OF_RANGE',
    message: "the listener of 'view' is undefined; it must be a function",
  });
  const { perform } = replica.port(() => true);
  perform({ type: 'reportView', view: asView(1), leader: asReplicaId(0) });
  t.is(replica.failure, null);
  t.deepEqual(events, ['phase active']);
});
