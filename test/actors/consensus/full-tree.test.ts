/** What consensus gives up leaves the disk, so that the disk never holds more than the block tree may. */
import { asReplicaId } from '../../../src/protocol/numbers.js';
import { parseBlockKey } from '../../../src/wire/store-layout.js';
import { CLUSTER_ID, ConsensusStage, GENESIS, GENESIS_QC } from '../../support/consensus-stage.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';

/** The stage's bound on its tree. */
const TREE_TIPS = 64;
const limits = { treeTips: TREE_TIPS };

/** The real storage actor behind the stage's consensus. */
class Disk {
  readonly #disk = new FakeDisk({ clusterId: CLUSTER_ID, replica: asReplicaId(0) });
  readonly #life = this.open();
  #written = 0;

  open(): StorageLife {
    return new StorageLife(this.#disk, { clusterId: CLUSTER_ID, limits }).open();
  }

  /** Writes what consensus asked for since the last time. */
  follow({ requests }: ConsensusStage): void {
    for (const request of requests.slice(this.#written)) this.#life.tell({ type: 'persist', request });
    this.#written = requests.length;
    this.#life.tell({ type: 'flushTimerExpired' }).doAll();
  }

  get blocks(): readonly string[] {
    return [...this.#disk.entries.keys()].flatMap((key) => parseBlockKey(key)?.hash ?? []);
  }
}

/** A leader a tenure, each with a block on genesis that is never certified. */
function fill(stage: ConsensusStage, upTo: number, each: (view: number) => void): void {
  for (let view = 2; view <= upTo; view += 1) {
    if (stage.leaderOf(view) === 1) continue;
    stage.propose(stage.proposal(stage.block(view, GENESIS, GENESIS_QC, `${view}`), stage.tc(view - 1)));
    each(view);
  }
}

test('a tree that was filled again and again leaves no more on the disk than it holds, and the replica starts again', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  const disk = new Disk();
  let most = 0;
  fill(stage, 400, () => {
    disk.follow(stage);
    most = Math.max(most, disk.blocks.length);
  });
  t.is(most, TREE_TIPS);
  const held = new Set(disk.blocks);
  const store = disk.open().told('recovered')[0]?.store;
  t.deepEqual(new Set(store?.uncommitted.map(({ hash }) => hash)), held, 'nothing had to be dropped at opening');
});

test('the block of the last vote is never given up: the vote may have promised that it is on the disk', (t) => {
  const stage = new ConsensusStage({ id: 1, tenureLength: 1 });
  let voted = '';
  let abandoned = 0;
  fill(stage, 200, (view) => {
    const last = stage.requests.at(-1);
    abandoned += last?.abandoned.length ?? 0;
    t.false(
      last?.abandoned.some((hash) => hash === voted),
      `view ${view}`,
    );
    voted = stage.take('vote').at(-1)?.message.vote.block ?? voted;
  });
  t.true(abandoned > TREE_TIPS);
});

test('a commit takes the whole of every other branch off the disk, not the blocks of its own height alone', (t) => {
  const stage = new ConsensusStage({ id: 1 });
  const disk = new Disk();
  const fork = stage.proposeChain(1, 2);
  disk.follow(stage);
  t.deepEqual(disk.blocks.length, 2);
  const tc = stage.tc(0);
  const first = stage.block(1000, GENESIS, GENESIS_QC, 'other');
  stage.propose(stage.proposal(first, tc));
  stage.proposeChain(1001, 1003, first, stage.qc(first));
  disk.follow(stage);
  t.deepEqual(stage.committedViews, [1000]);
  t.deepEqual(
    disk.blocks.filter((hash) => fork.some((block) => block.hash === hash)),
    [],
  );
});
