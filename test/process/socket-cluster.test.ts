import test from 'ava';
import type { ClusterConfig } from '../../src/config/cluster.js';
import {
  agreesOnAll,
  commitsAndAgrees,
  commitsWithOneDead,
  submitAll,
  upTo,
  VIEWS_PER_COMMAND_MAX,
} from '../support/socket-claims.js';
import { pause, SocketCluster } from '../support/socket-cluster.js';

const rules: readonly ClusterConfig['rule'][] = ['three-chain', 'two-chain'];

for (const rule of rules) {
  // How many there are is no matter of the rule: every size under one of them, and a few under the other.
  for (const replicas of rule === 'three-chain' ? [1, 2, 3, 4, 7, 10] : [1, 4, 7]) {
    test.serial(`${rule}, n = ${replicas}: commands commit, all replicas reach one height and one state hash`, (t) =>
      commitsAndAgrees(t, { replicas, rule }),
    );
  }
}

for (const replicas of [1, 4]) {
  test.serial(`on threads, n = ${replicas}: commands commit, all replicas reach one height and one state hash`, (t) =>
    commitsAndAgrees(t, { replicas, baseTimeoutMs: 5000 }, { placement: 'threads' }),
  );
}

for (const rule of rules) {
  for (const tenure of [1, 1000]) {
    const what = `a command's block commits within ${VIEWS_PER_COMMAND_MAX} views`;
    test.serial(`${rule}, tenure ${tenure}: with one of four dead from the start, ${what}`, (t) =>
      commitsWithOneDead(t, { rule, tenure }),
    );
  }

  const placement = rule === 'three-chain' ? 'threads' : 'inline';
  test.serial(`${rule}, ${placement}: a leader that crashes is replaced, comes back and catches up`, async (t) => {
    const cluster = await SocketCluster.start(t, { rule, baseTimeoutMs: 200 }, [], { placement });
    const client = cluster.client();
    await submitAll(client, 100, 'before');
    const leader = cluster.member(0).replica?.leader ?? 0;
    const [, atCrash] = await Promise.all([cluster.crashReplica(leader), submitAll(client, 100, 'during')]);
    t.deepEqual(atCrash, upTo(200).slice(100));
    await submitAll(client, 100, 'after');
    await agreesOnAll(t, cluster, client, 300);
    await cluster.startReplica(leader, { placement });
    await agreesOnAll(t, cluster, client, 300);
  });
}

test.serial('with f + 1 crashed nothing commits, and everything does once one of them is back', async (t) => {
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 100 });
  const client = cluster.client();
  await submitAll(client, 10);
  await cluster.crashReplica(2);
  await cluster.crashReplica(3);
  const heights = () => cluster.members.slice(0, 2).map(({ replica }) => replica?.committedHeight);
  let done = false;
  const waiting = submitAll(client, 10, 'w').then((replies) => {
    done = true;
    return replies;
  });
  // A certificate that was made before the crash may still be on its way.
  await pause(1000);
  const before = heights();
  await pause(1000);
  t.false(done);
  t.deepEqual(heights(), before);
  for (const { machine } of cluster.members.slice(0, 2)) t.is(machine.applied.length, 10);
  await cluster.startReplica(2);
  t.deepEqual(await waiting, upTo(20).slice(10));
  await agreesOnAll(t, cluster, client, 20);
});
