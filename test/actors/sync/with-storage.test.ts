import { asReplicaId } from '../../../src/protocol/numbers.js';
import { placeOf } from '../../../src/wire/store-layout.js';
import { at, chainOf, GENESIS, recordOf } from '../../support/chain.js';
import { FakeDisk, StorageLife } from '../../support/fake-store.js';
import { onBothHosts as test } from '../../support/hosts.js';
import { SyncStage } from '../../support/sync-stage.js';

test('what storage and sync of one replica serve is what sync of another accepts, up to the tip', (t) => {
  const chain = chainOf(700, GENESIS, 100);
  const tip = at(chain, -1);
  const disk = new StorageLife(new FakeDisk()).open();
  const committed = chain.slice(0, 697).map(placeOf);
  disk.persist(1, { safety: recordOf(1, 800, at(chain, -2)), blocks: chain, committed }).doAll();
  const server = new SyncStage();
  const client = new SyncStage().connect(1).miss(tip, [1]);
  const kinds: string[] = [];
  for (let round = 0; round < 1000 && client.tip !== tip && client.tip.hash !== tip.hash; round++) {
    const asked = client.asked.shift();
    if (asked === undefined) {
      client.settle(at(client.arrived[0]?.blocks ?? [tip], -1).hash !== tip.hash);
      continue;
    }
    kinds.push(asked.request.kind);
    server.advance(1000).tell({ type: 'fetchRequested', from: asReplicaId(0), request: asked.request });
    server.advance(1000);
    const read = server.reads.shift();
    if (read === undefined) return t.fail('the request was not served');
    disk.tell(read).doAll();
    const [blocksRead] = disk.told('blocksRead').slice(-1);
    if (blocksRead !== undefined) server.tell(blocksRead);
    const answer = server.answered.shift()?.answer;
    if (answer !== undefined) client.answer(asked, answer);
  }
  t.is(client.tip.hash, tip.hash);
  t.deepEqual(client.warnings, []);
  t.deepEqual(kinds, ['branch', 'range', 'range', 'branch']);
});
