/** A replica that was away for ten thousand blocks comes back, over real sockets and disks. */
import test from 'ava';
import { SocketCluster } from '../support/socket-cluster.js';

const text = new TextEncoder();
const BLOCKS = 10_000;
/** Commands on the way at once; a block holds one of them. */
const OUTSTANDING = 500;
const PATIENCE_MS = 600_000;

test.serial('a replica that was away for 10,000 blocks catches up while the others go on', async (t) => {
  const options = { batch: { commands: 1 }, cloneMessages: false };
  const cluster = await SocketCluster.start(t, {}, [3], options);
  t.timeout(PATIENCE_MS);
  const client = cluster.client({ outstandingMax: OUTSTANDING });
  await Promise.all(Array.from({ length: BLOCKS }, (_, index) => client.submit(text.encode(`${index}`))));
  const missed = cluster.member(0).replica?.committedHeight ?? 0;
  t.true(missed >= BLOCKS, `${missed} blocks`);
  const began = performance.now();
  await cluster.startReplica(3, options);
  const more = client.submit(text.encode('and one more'));
  await more;
  const { height } = await cluster.agreed(client, PATIENCE_MS);
  t.log(`${missed} blocks in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  t.true(height > missed);
});
