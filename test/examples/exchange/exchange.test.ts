import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Exchange } from '../../../examples/exchange/exchange.js';
import { ENDOWMENT, HOUSE } from '../../../examples/exchange/holdings.js';
import { ACCOUNTS, ASSETS, type Batch, LIMIT_ONE, type Offer, PRICE_MAX } from '../../../examples/exchange/market.js';
import { seededOffers } from '../../../examples/exchange/offers.js';
import { bytesToHex } from '../../../src/crypto/hash.js';
import { asHeight } from '../../../src/protocol/numbers.js';
import { blockOf } from '../../support/command-blocks.js';

const EQUAL = Array.from({ length: ASSETS }, () => 640);

function exchange(seed = 1, count = 400): Exchange {
  return new Exchange({ offers: seededOffers({ seed, count }), rounds: 20 });
}

/** All that an exchange is, committed or not. */
function standingOf({ holdings, speculated, committed }: Exchange): string {
  return `${committed} ${speculated} ${holdings.unitsWithout([]).join()}`;
}

function proposed(machine: Exchange): Batch {
  const batch = machine.propose();
  if (batch === null) throw new Error('there is nothing to trade');
  return batch;
}

/** What becomes of each asset, and whether any account owes something. */
function conserves(t: ExecutionContext, machine: Exchange): void {
  const units = machine.holdings.unitsWithout([]);
  t.true(units.every((held) => held >= 0));
  for (let asset = 0; asset < ASSETS; asset += 1) {
    const total = units.filter((_, place) => place % ASSETS === asset).reduce((sum, held) => sum + held, 0);
    t.is(total, ACCOUNTS * ENDOWMENT);
  }
}

const offerOf = (changes: Partial<Offer>): Offer => ({
  account: 0,
  sell: 0,
  buy: 1,
  quantity: 640,
  limit: LIMIT_ONE / 2,
  ...changes,
});
/** Two offers that serve each other: each sells 640 units and gets 630, the exchange keeps ten. */
const FAIR = [offerOf({}), offerOf({ account: 1, sell: 1, buy: 0 })];
const batchOf = (offers: readonly Offer[], changes: Partial<Batch> = {}): Batch => ({
  number: 1,
  prices: EQUAL,
  offers,
  ...changes,
});

test('offers trade at one set of prices, and the exchange keeps what is left over', (t) => {
  const machine = exchange();
  machine.execute(batchOf(FAIR));
  t.is(machine.speculated, 1);
  t.is(machine.holdings.of(0, 0), ENDOWMENT - 640);
  t.is(machine.holdings.of(0, 1), ENDOWMENT + 630);
  t.is(machine.holdings.of(HOUSE, 0), 10);
  conserves(t, machine);
});

const MUCH = offerOf({ account: 2, quantity: 65_535 });
const RETURN = offerOf({ account: 3, sell: 1, buy: 0, quantity: 65_535 });
const twice = (times: number) => Array.from({ length: times }, () => [MUCH, RETURN]).flat();
const [first, second] = FAIR as [Offer, Offer];
for (const [what, fair, unfair] of [
  [
    'a limit that is not met',
    batchOf([{ ...first, limit: 1008 }, second]),
    batchOf([{ ...first, limit: 1009 }, second]),
  ],
  ['an account that does not hold what it sells', batchOf(twice(15)), batchOf(twice(16))],
  ['a number that is not the next', batchOf(FAIR), batchOf(FAIR, { number: 2 })],
  ['the number of the batch before', batchOf(FAIR), batchOf(FAIR, { number: 0 })],
  [
    'more paid out than taken in',
    batchOf([first, { ...second, quantity: 630 }]),
    batchOf([first, { ...second, quantity: 629 }]),
  ],
  ['proceeds of nothing', batchOf([first, second]), batchOf([first, second, offerOf({ quantity: 1, limit: 0 })])],
] as const) {
  test(`a batch with ${what} changes nothing, and can be committed`, (t) => {
    const machine = exchange();
    const before = standingOf(machine);
    const hash = machine.stateHash();
    machine.execute(unfair);
    t.is(standingOf(machine), before);
    machine.commit(machine.idOf(unfair));
    t.deepEqual(machine.stateHash(), hash);
    machine.execute(fair);
    machine.commit(machine.idOf(fair));
    t.is(machine.committed, 1, 'beside it the fair one trades');
    conserves(t, machine);
  });
}

test('a proposal trades most of what agrees, and whoever executes it finds it fair', (t) => {
  const [leader, follower] = [exchange(1), exchange(2)];
  for (let number = 1; number <= 5; number += 1) {
    const batch = proposed(leader);
    t.true(batch.offers.length > 100, `${batch.offers.length} of 400 offers`);
    const read = follower.parse(leader.serialize(batch));
    t.deepEqual(read, batch);
    follower.execute(batch);
    t.is(follower.speculated, number);
  }
  t.is(standingOf(leader), standingOf(follower));
});

test('without offers there is nothing to propose, and nothing changes', (t) => {
  const machine = exchange(1, 0);
  const before = standingOf(machine);
  t.is(machine.propose(), null);
  t.is(standingOf(machine), before);
});

test('a body that no exchange wrote is none', (t) => {
  const machine = exchange();
  const body = machine.serialize(batchOf(FAIR));
  t.not(machine.parse(body), null);
  const changed = (at: number, ...bytes: number[]) => {
    const copy = body.slice();
    copy.set(bytes, at);
    return machine.parse(copy);
  };
  const OFFER = 4 + 2 * ASSETS;
  t.is(machine.parse(new Uint8Array(0)), null);
  for (let length = 0; length < body.length; length += 1) {
    const isWhole = length >= OFFER && (length - OFFER) % 8 === 0;
    t.is(machine.parse(body.subarray(0, length)) === null, !isWhole, `${length} bytes`);
  }
  t.is(changed(4, 0, 0), null, 'a price of nothing');
  t.not(changed(OFFER, 1, 255), null, 'the last account');
  t.is(changed(OFFER, 2, 0), null, 'the account of the exchange');
  t.not(changed(OFFER + 2, ASSETS - 1), null, 'the last asset');
  t.is(changed(OFFER + 2, ASSETS), null, 'an asset that is none');
  t.is(changed(OFFER + 2, 1), null, 'an asset for itself');
  t.is(changed(OFFER + 4, 0, 0), null, 'nothing sold');
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('propose' as const) },
  { weight: 2, arbitrary: fc.constant('commit' as const) },
  { weight: 1, arbitrary: fc.constant('rewind' as const) },
  { weight: 1, arbitrary: fc.constant('hostile' as const) },
);
const anyOffer = fc.record({
  account: fc.nat(ACCOUNTS - 1),
  sell: fc.nat(3),
  buy: fc.integer({ min: 4, max: ASSETS - 1 }),
  quantity: fc.integer({ min: 1, max: 65_535 }),
  limit: fc.nat(2000),
});
const anyPrices = fc.array(fc.integer({ min: 1, max: PRICE_MAX }), { minLength: ASSETS, maxLength: ASSETS });

test('whatever is proposed, committed and dropped, the state is that of the committed batches alone, and assets are conserved', (t) => {
  const hostile = fc.record({ prices: anyPrices, offers: fc.array(anyOffer, { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.array(hostile, { minLength: 1, maxLength: 4 }), (steps, bad) => {
      const machine = exchange(3, 200);
      const replica = exchange(4, 200);
      let ahead: Batch[] = [];
      const commit = () => {
        const [batch] = ahead.splice(0, 1);
        if (batch === undefined) return;
        machine.commit(machine.idOf(batch));
        replica.execute(batch);
        replica.commit(replica.idOf(batch));
      };
      for (const [place, what] of steps.entries()) {
        if (what === 'propose') ahead.push(...[machine.propose() ?? []].flat());
        else if (what === 'commit') commit();
        else if (what === 'rewind') {
          machine.rewind();
          ahead = [];
          t.is(standingOf(machine), standingOf(replica), 'as if nothing had been proposed');
        } else if (ahead.length === 0) {
          const batch = {
            number: machine.speculated + 1,
            ...(bad[place % bad.length] ?? { prices: EQUAL, offers: [] }),
          };
          machine.execute(batch);
          ahead.push(batch);
          commit();
        }
        t.deepEqual(machine.stateHash(), replica.stateHash());
        conserves(t, machine);
      }
    }),
    { numRuns: 40 },
  );
});

test('executing a batch after a rewind comes to what proposing it came to', (t) => {
  const machine = exchange();
  const clean = standingOf(machine);
  const batches = [proposed(machine), proposed(machine), proposed(machine)];
  const ahead = standingOf(machine);
  const hashBefore = machine.stateHash();
  machine.rewind();
  t.is(standingOf(machine), clean);
  t.deepEqual(machine.stateHash(), hashBefore, 'what is not committed is in no state hash');
  for (const batch of batches) machine.execute(batch);
  t.is(standingOf(machine), ahead);
  for (const batch of batches) machine.commit(machine.idOf(batch));
  t.not(bytesToHex(machine.stateHash()), bytesToHex(hashBefore));
  machine.rewind();
  t.is(machine.committed, 3, 'what is committed is not dropped');
});

test('a commit in the middle leaves the later proposals to be dropped', (t) => {
  const [machine, replica] = [exchange(), exchange()];
  const [one] = [proposed(machine), proposed(machine)];
  machine.commit(machine.idOf(one));
  t.is(machine.committed, 1);
  t.is(machine.speculated, 2);
  machine.rewind();
  replica.execute(one);
  replica.commit(replica.idOf(one));
  t.is(standingOf(machine), standingOf(replica));
});

test('a restart rebuilds the state from the log, whatever faulty leaders put into it', async (t) => {
  const machine = exchange();
  const bodies = [new Uint8Array(0), Uint8Array.of(1, 2, 3), machine.serialize(batchOf(FAIR, { number: 9 }))];
  for (let count = 0; count < 3; count += 1) {
    const batch = proposed(machine);
    machine.commit(machine.idOf(batch));
    bodies.push(machine.serialize(batch));
  }
  const blocks = bodies.map((body, index) => blockOf({ height: index + 1, body }));
  const again = exchange(7);
  await again.initialize({
    committedHeight: asHeight(blocks.length),
    async *blocks(from) {
      yield* blocks.filter(({ header }) => header.height >= from);
    },
    loadBlock: async () => null,
  });
  t.is(standingOf(again), standingOf(machine));
  t.deepEqual(again.stateHash(), machine.stateHash());
  again.rewind();
  t.is(standingOf(again), standingOf(machine));
});
