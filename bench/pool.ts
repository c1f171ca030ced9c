/** What the pool costs beside doing the same on the thread that asks, and from where on it is worth it. */
import { acquireHeavyPool, type HeavyPool } from '../src/adapters/heavy-pool.js';
import { createSigner, createVerifier, generateKeyPair } from '../src/crypto/ed25519.js';
import { sha256Hex } from '../src/crypto/hash.js';
import { type HeavyTasks, packChecks, type SignatureCheck } from '../src/crypto/heavy-tasks.js';
import { silentLogger } from '../src/logger.js';
import { asReplicaId } from '../src/protocol/numbers.js';

/** Of one amount of work: done here, by the pool until the answer is here, and what of that keeps this thread busy. */
export interface PoolCost {
  /** Signatures, or bytes of a body. */
  readonly amount: number;
  readonly inlineUs: number;
  readonly pooledUs: number;
  readonly busyUs: number;
}

/** Work done on the thread that asks beside the same in the pool, by amount. */
export interface PoolCosts {
  readonly signatures: readonly PoolCost[];
  readonly bodies: readonly PoolCost[];
  /** From so much on the pool is worth it; null where it never is. */
  readonly suggested: { readonly signatures: number | null; readonly bodyBytes: number | null };
}

const SIGNATURES = [1, 3, 5, 7, 10, 14, 21, 34, 67, 134];
const KIB = 1024;
const BODIES = [16, 64, 256, 512, 1024, 4096, 16_384, 65_536].map((kib) => kib * KIB);
/** Worth it: this thread is busy for a quarter of the time at most, and the answer comes hardly later. */
const BUSY_PART = 0.25;
const LATER_PART = 1.5;
const RUNS_MIN = 8;

/** Measures with one thread in the pool and one task at a time; `milliseconds` for each figure, after as much again. */
export async function measurePool(milliseconds: number): Promise<PoolCosts> {
  const pool = acquireHeavyPool({ threads: 1, log: silentLogger });
  try {
    const signatures: PoolCost[] = [];
    for (const count of SIGNATURES) signatures.push(await signatureCost(pool, count, milliseconds));
    const bodies: PoolCost[] = [];
    for (const bytes of BODIES) bodies.push(await bodyCost(pool, bytes, milliseconds));
    return { signatures, bodies, suggested: { signatures: worthFrom(signatures), bodyBytes: worthFrom(bodies) } };
  } finally {
    await pool.close();
  }
}

/** The least amount from which on every larger one is worth it. */
function worthFrom(costs: readonly PoolCost[]): number | null {
  const last = costs.findLastIndex(
    ({ inlineUs, pooledUs, busyUs }) => busyUs > BUSY_PART * inlineUs || pooledUs > LATER_PART * inlineUs,
  );
  return costs[last + 1]?.amount ?? null;
}

async function signatureCost(pool: HeavyPool, amount: number, milliseconds: number): Promise<PoolCost> {
  const checks = checksOf(amount);
  const verifier = createVerifier(checks.map(({ publicKey }) => publicKey));
  const inline = async () => {
    for (const [index, { message, signature }] of checks.entries()) {
      verifier.verify(asReplicaId(index), message, signature);
    }
  };
  const pooled = () => asked(pool, 'verifySignatures', packChecks(checks), []);
  return { amount, inlineUs: (await cost(inline, milliseconds)).wallUs, ...(await pooledCost(pooled, milliseconds)) };
}

async function bodyCost(pool: HeavyPool, amount: number, milliseconds: number): Promise<PoolCost> {
  let body: Uint8Array = new Uint8Array(amount).fill(7);
  const inline = async () => {
    sha256Hex(body);
  };
  const { wallUs: inlineUs } = await cost(inline, milliseconds);
  const pooled = async () => {
    const answer = await asked(pool, 'hashBodies', { bodies: [body] }, [body.buffer as ArrayBuffer]);
    body = answer.bodies[0] as Uint8Array;
  };
  return { amount, inlineUs, ...(await pooledCost(pooled, milliseconds)) };
}

async function pooledCost(run: () => Promise<unknown>, milliseconds: number) {
  const { wallUs, busyUs } = await cost(run, milliseconds);
  return { pooledUs: wallUs, busyUs };
}

function asked<Task extends keyof HeavyTasks>(
  pool: HeavyPool,
  task: Task,
  input: HeavyTasks[Task]['input'],
  transfer: readonly ArrayBuffer[],
): Promise<HeavyTasks[Task]['output']> {
  return new Promise((resolve, reject) => {
    pool.run(task, input, transfer, (result) => (result.ok ? resolve(result) : reject(new Error(result.code))));
  });
}

/**
 * Microseconds of one run, and those in which this thread did not wait, after as many runs to warm up. The least of each:
 * whatever else runs on the machine only adds.
 */
async function cost(run: () => Promise<unknown>, milliseconds: number): Promise<{ wallUs: number; busyUs: number }> {
  await costsOf(run, milliseconds);
  const costs = await costsOf(run, milliseconds);
  return {
    wallUs: Math.min(...costs.map(({ wallUs }) => wallUs)),
    busyUs: Math.min(...costs.map(({ busyUs }) => busyUs)),
  };
}

async function costsOf(run: () => Promise<unknown>, milliseconds: number) {
  const ends = performance.now() + milliseconds;
  const costs: { readonly wallUs: number; readonly busyUs: number }[] = [];
  do {
    const before = performance.eventLoopUtilization();
    const started = performance.now();
    await run();
    const wallUs = (performance.now() - started) * 1000;
    const { utilization } = performance.eventLoopUtilization(before);
    costs.push({ wallUs, busyUs: wallUs * utilization });
  } while (performance.now() < ends || costs.length < RUNS_MIN);
  return costs;
}

function checksOf(count: number): readonly SignatureCheck[] {
  return Array.from({ length: count }, (_, index) => {
    const { secretKey, publicKey } = generateKeyPair(new Uint8Array(32).fill(index + 1));
    const message = new Uint8Array(88).fill(9);
    return { publicKey, message, signature: createSigner(secretKey).sign(message) };
  });
}
