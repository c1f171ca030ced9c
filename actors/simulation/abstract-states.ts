/** The abstract states that one run comes to: looked at whenever a replica has entered a view or committed. */
import { abstractState } from '../../src/simulation/abstract-state.js';
import { recordsOn } from '../../src/simulation/checkers/disk-records.js';
import type { SimulatedDisk } from '../../src/simulation/disk.js';
import type { SimulatedReplica } from './simulated-replica.js';

interface AbstractStatesOptions {
  /** By id. */
  readonly replicas: readonly SimulatedReplica[];
  readonly isHonest: (replica: number) => boolean;
  /** What a replica has committed in its present life. */
  readonly heightOf: (replica: number) => number;
}

/** Counts the moments of a run by their abstract state. */
export class AbstractStates {
  readonly #options: AbstractStatesOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: AbstractStatesOptions) {
    this.#options = options;
  }

  /** How often something moved into each state, or in it. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Something has moved. */
  look(): void {
    const { replicas, isHonest, heightOf } = this.#options;
    const correct = replicas.filter(({ up, id }) => up && isHonest(id));
    const state = abstractState({
      replicas: replicas.length,
      correct: correct.map((replica) => ({
        view: replica.view,
        highQcView: highQcOn(replica.disk),
        height: heightOf(replica.id),
      })),
      leader: this.#leaderAmong(correct),
      down: replicas.filter(({ up }) => !up).length,
    });
    if (state !== null) this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
  }

  /** Of the highest view, as whoever is in it takes its leader to be. */
  #leaderAmong(correct: readonly SimulatedReplica[]): 'there' | 'behind' | 'lying' | 'down' {
    const { replicas, isHonest } = this.#options;
    let highest = correct[0];
    for (const replica of correct) if (highest === undefined || replica.view > highest.view) highest = replica;
    const leader = highest === undefined ? undefined : replicas[highest.leader];
    if (leader?.up !== true) return 'down';
    if (!isHonest(leader.id)) return 'lying';
    return leader.view === highest?.view ? 'there' : 'behind';
  }
}

/** Of the records on its disk the highest. */
function highQcOn(disk: SimulatedDisk): number {
  let view = 0;
  for (const { highQc } of recordsOn(disk)) view = Math.max(view, highQc.view);
  return view;
}
