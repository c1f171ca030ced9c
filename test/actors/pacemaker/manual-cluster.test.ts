/** Clusters of manual pacemakers over the real consensus, on virtual time; the applications are played here. */
import type { RequestAnswer } from '../../../actors/pacemaker/requests.js';
import { asView, type BlockHash } from '../../../src/protocol/numbers.js';
import { ConsensusCluster, type ConsensusClusterOptions } from '../../support/consensus-cluster.js';
import { onBothHosts as test } from '../../support/hosts.js';

const BASE_MS = 1000;
/** Some eighty views a second. */
const DELAY_MS = [5, 1] as const;

/** The seed's `PaceMakerWaitQC` at every replica; after `handOver` certified proposals of one turn it resigns. */
class Applications {
  readonly cluster: ConsensusCluster;
  /** Leader and number of its certified proposals, for each turn that ended by handing over. */
  readonly turns: { readonly leader: number; readonly certified: number }[] = [];
  readonly outcomes: { readonly id: number; readonly hash: BlockHash; readonly outcome: string }[] = [];
  readonly refusals = new Map<string, number>();
  readonly #handOver: number;
  readonly #states;
  #request = 0;

  constructor(options: Partial<ConsensusClusterOptions> & { readonly handOver?: number } = {}) {
    const { handOver = Number.POSITIVE_INFINITY, ...changes } = options;
    this.#handOver = handOver;
    this.cluster = new ConsensusCluster({
      replicas: 4,
      tenureLength: 1000,
      rule: 'three-chain',
      baseTimeoutMs: BASE_MS,
      pacemaker: 'manual',
      delayMs: DELAY_MS,
      ...changes,
    });
    this.#states = Array.from({ length: 4 }, () => ({
      waits: false,
      proposed: null as BlockHash | null,
      certified: 0,
    }));
    this.cluster.heard = (id, message) => {
      if (message.type === 'viewEntered') this.#propose(id);
      if (message.type === 'requestAnswered') this.#answered(id, message.answer);
    };
    this.cluster.start();
  }

  /** A request that nothing here waits for. */
  requestViewChange(id: number): void {
    this.cluster.request(id, { type: 'viewChangeRequested', request: this.#next() });
  }

  /** Tells how many tenures the replicas have entered, each. */
  get tenures(): readonly number[] {
    return this.cluster.up.map((id) => Math.floor((this.cluster.views[id] ?? 0) / 1000));
  }

  #propose(id: number): void {
    const state = this.#states[id];
    if (state === undefined || state.waits || this.cluster.leaders[id] !== id) return;
    state.waits = true;
    this.cluster.request(id, { type: 'proposalRequested', request: this.#next(), body: 'next' });
  }

  #answered(id: number, answer: RequestAnswer): void {
    const state = this.#states[id];
    if (state === undefined || answer.kind === 'viewChangeRequested') return;
    if (answer.kind === 'proposed') {
      state.proposed = answer.block.hash;
      this.cluster.request(id, { type: 'qcAwaited', request: this.#next(), block: answer.block.hash });
      return;
    }
    state.waits = false;
    if (answer.kind === 'refused') {
      this.refusals.set(answer.code, (this.refusals.get(answer.code) ?? 0) + 1);
      state.certified = 0;
      return;
    }
    this.outcomes.push({ id, hash: state.proposed as BlockHash, outcome: answer.outcome });
    state.certified = answer.outcome === 'certified' ? state.certified + 1 : 0;
    if (state.certified < this.#handOver) return this.#propose(id);
    this.turns.push({ leader: id, certified: state.certified });
    state.certified = 0;
    this.requestViewChange(id);
  }

  #next(): number {
    this.#request += 1;
    return this.#request;
  }
}

for (const rule of ['three-chain', 'two-chain'] as const) {
  test(`handing over every four proposals rotates the leader, and all replicas commit non-empty blocks: ${rule}`, (t) => {
    const { cluster, turns, outcomes } = playFor(3 * BASE_MS, { rule, handOver: 4 });
    t.deepEqual(cluster.violations, []);
    t.true(turns.length > 16, `${turns.length} turns in the time of three view timers`);
    t.deepEqual(
      turns.map(({ leader }) => leader),
      turns.map((_, turn) => turn % 4),
    );
    t.true(outcomes.every(({ outcome }) => outcome === 'certified'));
    const proposals = outcomes.length;
    for (const id of cluster.up) {
      t.true(cluster.nonEmpty(id) >= proposals - 8, `replica ${id} committed ${cluster.nonEmpty(id)} of ${proposals}`);
    }
  });
}

function playFor(ms: number, options: ConstructorParameters<typeof Applications>[0]): Applications {
  const applications = new Applications(options);
  applications.cluster.run(ms);
  return applications;
}

test('an application that goes on proposing keeps its tenure, at the pace of its certificates', (t) => {
  const { cluster, outcomes, tenures } = playFor(5 * BASE_MS, {});
  t.deepEqual(cluster.violations, []);
  t.deepEqual(tenures, [0, 0, 0, 0]);
  t.true(outcomes.length > 100, `${outcomes.length} proposals`);
});

test('what a leader proposed and nobody heard is superseded, once another leads', (t) => {
  const applications = new Applications();
  const { cluster } = applications;
  cluster.run(100);
  const [leader] = cluster.leaders;
  const before = applications.outcomes.length;
  t.is(Number(leader), 0);
  cluster.cut = (from, _to, { type }) => from === 0 && type === 'proposal';
  cluster.run(5 * BASE_MS);
  const own = applications.outcomes.slice(before).filter(({ id }) => id === 0);
  t.deepEqual(
    own.map(({ outcome }) => outcome).filter((outcome) => outcome === 'superseded'),
    ['superseded'],
  );
  const lost = own.find(({ outcome }) => outcome === 'superseded')?.hash as BlockHash;
  for (const chain of cluster.committed) t.false([...chain.values()].includes(lost));
  t.true(applications.outcomes.some(({ id, outcome }) => id === 1 && outcome === 'certified'));
  t.deepEqual(cluster.violations, []);
});

test('the view change that one follower asks for changes nothing; f+1 of them change the leader', (t) => {
  const applications = new Applications();
  const { cluster } = applications;
  cluster.run(100);
  applications.requestViewChange(2);
  cluster.run(3 * BASE_MS);
  t.deepEqual(applications.tenures, [0, 0, 0, 0]);
  t.true(cluster.height(0) > 20, 'the others go on without it');
  applications.requestViewChange(3);
  cluster.run(100);
  t.deepEqual(applications.tenures, [1, 1, 1, 1]);
  t.is(Number(cluster.leaders[0]), 1);
  const height = cluster.height(0);
  cluster.run(BASE_MS);
  t.true(cluster.height(0) > height + 20);
  t.deepEqual(cluster.violations, []);
});

test('the view change that the leader asks for is joined by all, well before a timer', (t) => {
  const applications = new Applications();
  applications.cluster.run(100);
  applications.requestViewChange(0);
  applications.cluster.run(BASE_MS / 10);
  t.deepEqual(applications.tenures, [1, 1, 1, 1]);
});

test('a dead leader is left, and so is one whose application is silent', (t) => {
  const applications = new Applications();
  const { cluster } = applications;
  cluster.run(100);
  cluster.crash(0);
  cluster.run(5 * BASE_MS);
  t.deepEqual(applications.tenures, [1, 1, 1]);
  const silent = new ConsensusCluster({
    replicas: 4,
    tenureLength: 1000,
    rule: 'three-chain',
    pacemaker: 'manual',
  });
  silent.start().run(0.9 * BASE_MS);
  t.deepEqual([...silent.views], [1, 1, 1, 1].map(asView));
  silent.run(0.2 * BASE_MS);
  t.deepEqual([...silent.views], [1000, 1000, 1000, 1000].map(asView));
  t.is(silent.height(0), 0, 'nothing was proposed');
});
