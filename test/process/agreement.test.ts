import test from 'ava';
import type { StatusAnswer } from '../../actors/create-client.js';
import { type AgreementOptions, agreement } from '../../bin/agreement.js';
import { asHeight, asReplicaId, asView } from '../../src/protocol/numbers.js';

const STALL_MS = 400;
const never = new AbortController().signal;

type Heights = readonly (number | null)[];

/** Replicas at heights that `heightsAt` says at each look, null for one that does not answer. */
function watch(heightsAt: (look: number) => Heights, given: Partial<AgreementOptions> = {}) {
  let look = -1;
  const status = async (): Promise<readonly StatusAnswer[]> => {
    look += 1;
    return heightsAt(look).map((height, index) => answerOf(index, height));
  };
  const supervision = { givenUp: () => [], workedAt: () => 0 };
  return agreement({ client: { status }, height: 5, supervision, stopping: never, stallMs: STALL_MS, ...given });
}

function answerOf(index: number, height: number | null): StatusAnswer {
  const id = asReplicaId(index);
  if (height === null) return { id, reachable: false };
  const at = { view: asView(height), leader: asReplicaId(0), committedHeight: asHeight(height) };
  return { id, reachable: true, ...at, stateHash: `hash ${height}` };
}

const missing = (...ids: number[]) => ({ givenUp: () => ids.map((id) => ({ id })), workedAt: () => 0 });

test('all must answer, at one height, not below the one that is asked for', async (t) => {
  const looks: readonly Heights[] = [
    [5, 5, 5, null],
    [4, 4, 4, 4],
    [5, 5, 5, 6],
    [6, 6, 6, 6],
  ];
  const states = await watch((look) => looks[look] ?? [9, 9, 9, 9]);
  t.deepEqual(
    states?.map(({ committedHeight }) => committedHeight),
    [6, 6, 6, 6],
  );
});

test('a replica that was given up is not waited for, and is told as one that does not answer', async (t) => {
  const states = await watch(() => [7, 7, null, 7], { supervision: missing(2) });
  t.deepEqual(states?.[2], { id: 2, committedHeight: null, stateHash: null });
  t.deepEqual(await watch(() => [null], { supervision: missing(0) }), [
    { id: 0, committedHeight: null, stateHash: null },
  ]);
});

test('heartbeats are no progress: one that stays away is told after a while, whatever the others do', async (t) => {
  const growing = (look: number) => [5 + look, 5 + look, null, 5 + look];
  await t.throwsAsync(watch(growing), {
    name: 'Failure',
    message: /^the replicas do not reach height 5 together; they stand at 0: \d+, 1: \d+, 2: not reachable, 3: \d+$/,
  });
  const apart = (look: number) => [5 + look, 5 + look, 3, 5 + look];
  await t.throwsAsync(watch(apart), { message: /2: 3, / });
});

test('one that gets nearer, or works on its start, is waited for', async (t) => {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  const nearer = () => Math.floor(elapsed() / (STALL_MS / 2));
  await t.notThrowsAsync(watch(() => [5, 5, 5, Math.min(5, nearer())]));
  t.true(elapsed() > 2 * STALL_MS);
  const until = elapsed() + 2 * STALL_MS;
  const supervision = { givenUp: () => [], workedAt: () => performance.now() };
  await t.notThrowsAsync(watch(() => [5, 5, 5, elapsed() > until ? 5 : null], { supervision }));
});

test('two states at one height are told by name', async (t) => {
  const status = async () => {
    const [one, other] = [answerOf(0, 5), answerOf(1, 5)];
    return [one, { ...other, stateHash: 'another' }] as readonly StatusAnswer[];
  };
  await t.throwsAsync(
    watch(() => [], { client: { status } }),
    {
      message: 'replicas 0 and 1 have different states at height 5',
    },
  );
});
