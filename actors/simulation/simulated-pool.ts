/** A pool on virtual time: a task ends after a cost drawn from the seed, so that answers overtake each other. */
import { type HeavyTasks, hashBodies, verifySignatures } from '../../src/crypto/heavy-tasks.js';
import type { Tasks } from '../../src/runtime/behaviour.js';
import type { TaskPool } from '../../src/runtime/index.js';
import { verifyHashSignatures } from '../../src/simulation/hash-signer.js';
import type { SimulatedProcess } from '../../src/simulation/process.js';
import type { Random } from '../../src/simulation/random.js';
import type { SignatureKind } from '../../src/simulation/signatures.js';

const COST_MS = [0.1, 3] as const;

/** `signatures`: what the cluster's signatures are. */
export function simulatedPool(
  process: SimulatedProcess,
  random: Random,
  signatures: SignatureKind,
): TaskPool<HeavyTasks> {
  const tasks: {
    readonly [Task in keyof HeavyTasks]: (input: HeavyTasks[Task]['input']) => HeavyTasks[Task]['output'];
  } = {
    hashBodies,
    verifySignatures: signatures === 'hash' ? verifyHashSignatures : verifySignatures,
  };
  return {
    run: (task, input, transfer, done) => {
      const crossed = structuredClone(input, { transfer: [...transfer] });
      const run = tasks[task] as (input: Tasks[string]['input']) => HeavyTasks[typeof task]['output'];
      process.later(random.between(...COST_MS), 'pool', () => done({ ok: true, ...run(crossed) }));
    },
  };
}
