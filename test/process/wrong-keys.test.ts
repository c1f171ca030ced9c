import test from 'ava';
import { createClient } from '../../actors/index.js';
import { SocketCluster } from '../support/socket-cluster.js';

test('a client whose configuration has another key for a replica is told so, and its commands go by the others', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 4 });
  const replicas = cluster.config.replicas.map((replica) =>
    replica.id === 2 ? { ...replica, transportKey: '5a'.repeat(32) } : replica,
  );
  await using client = createClient({ cluster: { ...cluster.config, replicas } });
  const { result } = await client.submit(new TextEncoder().encode('one'));
  t.is(new TextDecoder().decode(result), '1');
  const error = await t.throwsAsync(client.log({ replica: 2, fromHeight: 1, maxBlocks: 1 }), {
    code: 'REPLICA_UNTRUSTED',
  });
  t.regex(
    error?.message ?? '',
    /^replica 2 at 127\.0\.0\.1:\d+ shows a transport key that is no replica's.*cluster\.json/,
  );
  const status = await client.status({ withinMs: 5000 });
  t.like(status[2], { reachable: false, problem: error?.message });
  t.true(status[1]?.reachable);
});

test('a client whose configuration has other keys for more than n-f-1 replicas does not wait, and names them', async (t) => {
  const cluster = await SocketCluster.start(t, { replicas: 4 });
  const replicas = cluster.config.replicas.map((replica) =>
    replica.id === 0 ? replica : { ...replica, transportKey: `5${replica.id}`.repeat(32) },
  );
  await using client = createClient({ cluster: { ...cluster.config, replicas } });
  const error = await t.throwsAsync(client.submit(new TextEncoder().encode('one')), { code: 'REPLICA_UNTRUSTED' });
  for (const replica of [1, 2, 3]) t.regex(error?.message ?? '', new RegExp(`replica ${replica} at 127\\.0\\.0\\.1:`));
});
