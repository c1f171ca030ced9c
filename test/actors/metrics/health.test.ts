import test from 'ava';
import { aliveness, readiness } from '../../../actors/metrics/health.js';
import { PHASES } from '../../../actors/metrics/replica-metrics.js';
import type { ReplicaState } from '../../../actors/metrics/snapshot.js';
import { asHeight, asReplicaId, asView } from '../../../src/protocol/numbers.js';

const at = (phase: string, failure: string | null = null): ReplicaState => ({
  ...{ id: asReplicaId(0), view: asView(7), leader: asReplicaId(1), committedHeight: asHeight(5) },
  ...{ phase, failure },
});

test('a replica is alive in every phase but failed, and before it is there', (t) => {
  t.deepEqual(aliveness(null), { ok: true, text: 'starting' });
  for (const phase of PHASES) t.is(aliveness(at(phase)).ok, phase !== 'failed', phase);
  t.deepEqual(aliveness(at('failed', 'the disk is full')), { ok: false, text: 'failed: the disk is full' });
});

test('a replica is ready while it is active and at no other time, and says why not in one line', (t) => {
  t.deepEqual(readiness(at('active')), { ok: true, text: 'active: view 7, leader 1, committed height 5' });
  t.deepEqual(readiness(at('failed', 'the disk is full')), { ok: false, text: 'failed: the disk is full' });
  t.is(readiness(null).ok, false);
  for (const phase of PHASES) {
    const { ok, text } = readiness(at(phase));
    t.is(ok, phase === 'active', phase);
    t.regex(text, new RegExp(`^${phase}: [^\n]+$`));
  }
});
