import { Exchange } from '../../../examples/exchange/exchange.js';
import { type Batch, LIMIT_ONE } from '../../../examples/exchange/market.js';
import { seededOffers } from '../../../examples/exchange/offers.js';
import { bytesToHex } from '../../../src/crypto/hash.js';
import { ConsensusCluster } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

const REPLICAS = [0, 1, 2, 3];
const options = (id: number) => ({ offers: seededOffers({ seed: id + 1, count: 400 }), rounds: 20 });

/** Every other batch of its making has the exchange give assets away. */
class Crooked extends Exchange {
  #proposals = 0;

  override propose(): Batch | null {
    this.#proposals += 1;
    if (this.#proposals % 2 === 0) return super.propose();
    const gift = { account: 7, sell: 0, buy: 1, quantity: 1000, limit: LIMIT_ONE };
    const batch = { number: this.speculated + 1, prices: [2, 1, 1, 1, 1, 1, 1, 1], offers: [gift] };
    this.execute(batch);
    return batch;
  }
}

/** The state hash after the first `batches` fair batches in committed bodies. */
function replayed(bodies: readonly Uint8Array[], batches: number): string {
  const machine = new Exchange(options(0));
  for (const body of bodies) {
    const batch = machine.parse(body);
    if (batch === null) continue;
    if (machine.committed === batches) break;
    machine.execute(batch);
    machine.commit(machine.idOf(batch));
  }
  return bytesToHex(machine.stateHash());
}

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`${rule}: leaders take turns, crash and deceive, and each state hash is that of one log`, async (t) => {
    const lives = REPLICAS.map((): Exchange[] => []);
    const machine = (id: number) => {
      const next = id === 3 ? new Crooked(options(id)) : new Exchange(options(id));
      lives[id]?.push(next);
      return next;
    };
    const tenureLength = rule === 'three-chain' ? 8 : 6;
    const cluster = new ConsensusCluster({ replicas: 4, tenureLength, rule, seed: 5, baseTimeoutMs: 100, machine });
    cluster.start();
    for (let round = 0; round < 4; round += 1) {
      await cluster.runMachines(100);
      cluster.crash(round);
      await cluster.runMachines(150);
      cluster.start(round);
    }
    await cluster.runMachines(300);
    t.deepEqual(cluster.violations, []);
    const [bodies = []] = REPLICAS.map((id) => cluster.bodies(id)).sort((a, b) => b.length - a.length);
    const fair = bodies.filter((body) => (new Exchange(options(0)).parse(body)?.offers.length ?? 0) > 1).length;
    const crooked = bodies.filter((body) => new Exchange(options(0)).parse(body)?.offers.length === 1).length;
    t.true(fair > 30 && crooked > 2, `${fair} fair batches, ${crooked} others`);
    for (const id of REPLICAS) {
      const last = lives[id]?.at(-1);
      const committed = last?.committed ?? 0;
      t.true(committed > 30, `replica ${id}: ${committed} batches`);
      t.is(bytesToHex(last?.stateHash() ?? new Uint8Array(0)), replayed(bodies, committed), `replica ${id}`);
    }
  });
}
