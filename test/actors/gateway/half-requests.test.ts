import { limits } from '../../../src/config/limits.js';
import { asSequence } from '../../../src/protocol/numbers.js';
import { encodeClientRequest } from '../../../src/wire/client-codec.js';
import { framesOf } from '../../../src/wire/fragments.js';
import { GatewayStage, session } from '../../support/gateway-stage.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** A client that has as much of a share as it wants: what is tested here is memory. */
const clientPace = { windowMs: 50, work: 1e12 };

/** The frames of a request of about so many fragments. */
function framesFor(fragments: number): readonly Uint8Array[] {
  const bytes = new Uint8Array((fragments - 0.5) * limits.fragmentBytes);
  const commands = [{ sequence: asSequence(1), bytes }];
  return [...framesOf(1, encodeClientRequest({ type: 'submit', client: session(1), commands }))];
}

function send(stage: GatewayStage, connection: number, frames: readonly Uint8Array[]): void {
  for (const frame of frames) stage.frame(connection, frame);
}

test('half requests of all clients together are bounded: the largest one of the address that has most goes', (t) => {
  const stage = new GatewayStage({ clientPace, gatewayReassemblyBytes: 10 * limits.fragmentBytes });
  const mallory = [4, 3, 2].map((fragments) => {
    const connection = stage.connect('10.6.6.6');
    send(stage, connection, framesFor(16).slice(0, fragments));
    return connection;
  });
  const alice = stage.connect('10.0.0.1');
  send(stage, alice, framesFor(6));
  t.is(stage.submitted().length, 1, 'hers came whole');
  t.deepEqual(
    [...mallory, alice].map((connection) => stage.closings(connection)),
    [['tooManyHalfRequests'], [], [], []],
    'nine of theirs and two of hers were more than ten',
  );
});

test('a request that is larger than the rest of the bound ends its own connection where nobody holds more', (t) => {
  const stage = new GatewayStage({ clientPace, gatewayReassemblyBytes: 5 * limits.fragmentBytes });
  const [bob, alice] = [stage.connect('10.0.0.2'), stage.connect('10.0.0.1')];
  send(stage, bob, framesFor(16).slice(0, 2));
  send(stage, alice, framesFor(16).slice(0, 4));
  t.deepEqual([stage.closings(bob), stage.closings(alice)], [[], ['tooManyHalfRequests']]);
});

test('a half request that stands still ends its connection, one that goes on does not, however slowly', (t) => {
  const stage = new GatewayStage({ clientPace, halfRequestMs: 1000 });
  const [still, slow, idle] = [stage.connect(), stage.connect(), stage.connect()];
  const frames = framesFor(6);
  send(stage, still, frames.slice(0, 2));
  send(stage, idle, frames);
  for (const frame of frames) {
    t.deepEqual(stage.closings(slow), []);
    send(stage, slow, [frame]);
    stage.advance(999);
  }
  t.deepEqual(stage.closings(still), ['halfRequestTimeout']);
  t.is(stage.submitted().length, 2);
  stage.advance(10_000);
  t.deepEqual([stage.closings(slow), stage.closings(idle)], [[], []], 'nothing of theirs is half');
  t.deepEqual([...stage.timers.keys()], []);
});

test('the time of a half request begins anew with each fragment, to the millisecond', (t) => {
  const stage = new GatewayStage({ clientPace, halfRequestMs: 1000 });
  const connection = stage.connect();
  send(stage, connection, framesFor(6).slice(0, 2));
  stage.advance(600);
  send(stage, connection, framesFor(6).slice(2, 3));
  stage.advance(999);
  t.deepEqual(stage.closings(connection), []);
  stage.advance(1);
  t.deepEqual(stage.closings(connection), ['halfRequestTimeout']);
  t.is(stage.gateway.counters().refusals.halfRequestTimeout, 1);
});

test('a client that is not read has no time to lose: its half request waits as long as it does', (t) => {
  const stage = new GatewayStage({ clientPace, halfRequestMs: 1000, clientCredit: { messages: 1, bytes: 1e6 } });
  const connection = stage.connect();
  send(stage, connection, framesFor(4).slice(0, 2));
  stage.submit(connection, session(1), 1);
  stage.submit(connection, session(1), 2);
  t.is(stage.all('pauseReading').length, 1, 'it waits for credit');
  stage.advance(5500);
  const { account = '', units = 0 } = stage.submitted()[0]?.credit ?? {};
  stage.tell({ type: 'creditReturned', from: 'proposalGenerator', accounts: [{ account, messages: 1, units }] });
  t.is(stage.all('resumeReading').length, 1);
  stage.advance(999);
  t.deepEqual(stage.closings(connection), []);
  stage.advance(1);
  t.deepEqual(stage.closings(connection), ['halfRequestTimeout']);
});

test('a connection that ends takes the timer of its half request along', (t) => {
  const stage = new GatewayStage({ clientPace });
  const connection = stage.connect();
  send(stage, connection, framesFor(6).slice(0, 2));
  t.is(stage.timers.size, 1);
  stage.tell({ type: 'connectionClosed', connection, reason: 'connectionLost' });
  t.is(stage.timers.size, 0);
});
