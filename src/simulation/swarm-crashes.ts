/** Draws crashes of several replicas at one moment: what is on no disk is lost then. */
import { faultBound } from '../protocol/quorum.js';
import type { Fault, SimulationCase } from './case.js';
import type { Random } from './random.js';

interface Cluster extends Pick<SimulationCase, 'replicas' | 'rule' | 'baseTimeoutMs' | 'links' | 'until'> {
  readonly healAt: number;
}

/** Of three-chain runs that bear another faulty replica, those in which a certificate outlives its block. */
const LOST = 0.3;

/** Who crashes together, all or any two and more, and who of them stays down until the end: some of those that are dead then. */
export function crowd(
  random: Random,
  { replicas, dead }: Pick<SimulationCase, 'replicas' | 'dead'>,
): { readonly crash: readonly number[]; readonly stay: readonly number[] } {
  const all = random.shuffled([...Array(replicas).keys()]);
  const crash = random.chance(0.5) ? all : all.slice(0, 2 + random.below(Math.max(1, replicas - 1)));
  return { crash, stay: random.chance(0.5) ? crash.filter((replica) => dead.includes(replica)) : [] };
}

/**
 * What of a run makes the certificate of a block that is on no disk come to one replica alone, or null for most runs. That
 * one is down while the disks of the others become slow; as soon as it is back and asks for a block that nobody has on a
 * disk, the others crash. As many as may be faulty stay down, and nothing else happens: nobody lies.
 */
export function lostCertificate(
  random: Random,
  { replicas, rule, baseTimeoutMs, links: { delayMs }, healAt, until }: Cluster,
  dead: readonly number[],
): Pick<SimulationCase, 'faults' | 'dead' | 'healAt' | 'until'> | null {
  const spare = faultBound(replicas) - dead.length;
  if (rule !== 'three-chain' || dead.length + spare === 0 || !random.chance(LOST)) return null;
  const alive = [...Array(replicas).keys()].filter((id) => !dead.includes(id));
  // Whoever has the lowest id dials the others, and hears from them as soon as it is back; they go on under the next leader.
  const alone = alive[0] ?? 0;
  const others = [...Array(replicas).keys()].filter((id) => id !== alone);
  // Early, while there is work: at rest a block is on the disks long before its certificate is told.
  const at = random.between(0, baseTimeoutMs / 2);
  const back = at + baseTimeoutMs * random.between(1.3, 3);
  const heals = Math.max(healAt, back + 10 * baseTimeoutMs);
  const least = Math.min(baseTimeoutMs / 4, Math.max(baseTimeoutMs / 8, 5 * delayMs[1]));
  const changes = { latencyMs: [least, 1.5 * least] } as const;
  return {
    healAt: heals,
    until: until - healAt + heals,
    dead: [...dead, ...random.shuffled(alive.slice(1)).slice(0, spare)],
    faults: [
      ...others.map((replica): Fault => ({ at, type: 'disk', replica, changes })),
      { at, type: 'crash', replica: alone, loss: 'random' },
      { at: back, type: 'crashAtFetch', replica: alone, downMs: baseTimeoutMs * random.pick([0.1, 0.5, 2]) },
      { at: back, type: 'restart', replica: alone },
    ],
  };
}
