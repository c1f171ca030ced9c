/** A replica signs two votes of a view; who heard both can show it to anybody, even after a restart. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { runHere, scratch } from '../support/command-line.js';
import { HostilePeer } from '../support/hostile-peer.js';
import { eventually, type Member, SocketCluster } from '../support/socket-cluster.js';

const LIAR = 3;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Line {
  readonly kind: string;
  readonly replica: number;
  readonly view: number;
  readonly messages: readonly [string, string];
  readonly valid: boolean;
  readonly problem?: string;
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

test('votes that contradict each other are kept, exported and checked from public keys, and tampering is told', async (t) => {
  // On a busy machine a short timer would change leaders faster than the liar hears of views.
  const cluster = await SocketCluster.start(t, { baseTimeoutMs: 10_000 }, [LIAR]);
  const home = dirname(cluster.member(0).dataDir);
  const evidence = (...args: readonly string[]) => runHere(['evidence', '--dir', home, ...args]);
  const liar = await HostilePeer.start(t, cluster.placeOf(LIAR));
  await cluster.client().submit(encode('something'));
  t.is((await evidence('--replica', '0')).stdout, 'no proofs\n');

  // Whoever leads hears the votes.
  liar.attack('conflictingVotes', [0, 1, 2]);
  const convicted = ({ warnings }: Member) =>
    warnings.some(({ event, facts }) => event === 'equivocationProved' && facts.accused === LIAR);
  await eventually('a leader tells of it', () => cluster.members.some(convicted));
  liar.end();
  const witness = cluster.members.find(convicted)?.id ?? 0;
  const testify = (...flags: readonly string[]) => evidence('--replica', `${witness}`, ...flags);

  let running = '';
  // A moment passes before it is in the store.
  while (running === '') running = (await testify('--json')).stdout;
  await cluster.stopReplica(witness);

  const json = await testify('--json');
  t.is(json.code, 0, json.stderr);
  const proofs = linesOf(json.stdout);
  for (const { kind, replica, messages, valid } of proofs) {
    t.deepEqual({ kind, replica, valid }, { kind: 'votes', replica: LIAR, valid: true });
    t.not(messages[0], messages[1]);
  }
  const stopped = proofs.map((proof) => JSON.stringify(proof));
  for (const proof of linesOf(running)) t.true(stopped.includes(JSON.stringify(proof)), 'it is what the store holds');

  await cluster.startReplica(witness);
  await cluster.client().submit(encode('something else'));
  await cluster.stopReplica(witness);
  t.is((await testify('--json')).stdout, json.stdout, 'a restart keeps them, once each');
  const people = await testify();
  t.is(people.code, 0);
  t.regex(
    people.stdout,
    /^replica +signed +view +blocks +valid +found at\n3 +two votes +\d+ +[0-9a-f]{12} [0-9a-f]{12} +yes +evidence\//,
  );

  const file = join(await scratch(t), 'proofs');
  await writeFile(file, json.stdout);
  // The public keys are all that it takes.
  const alone = join(await scratch(t), 'cluster.json');
  await writeFile(alone, await readFile(join(home, 'cluster.json')));
  const checked = await runHere(['evidence', '--dir', alone, '--check', file, '--json']);
  t.is(checked.code, 0, checked.stderr);
  t.is(checked.stdout, json.stdout);

  const [first, ...others] = proofs;
  if (first === undefined) return;
  const tampered = { ...first, replica: 2 };
  await writeFile(file, [tampered, ...others].map((proof) => `${JSON.stringify(proof)}\n`).join(''));
  const refused = await runHere(['evidence', '--dir', alone, '--check', file, '--json']);
  t.is(refused.code, 1);
  t.is(
    refused.stderr,
    `hotstuff: a proof is not valid; line 1: vote 1 does not bear the signature of replica 2 for view ${first.view}\n`,
  );
  t.like(linesOf(refused.stdout)[0], { valid: false, place: 'line 1' });
  t.is(linesOf(refused.stdout).filter(({ valid }) => valid).length, others.length);
});
