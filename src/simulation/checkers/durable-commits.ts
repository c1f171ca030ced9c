/**
 * S3 across restarts: what a correct replica has told as committed is soon on its disk, and a restart finds it there. News
 * of a commit does not wait for the disk, but a commit that no batch ever brings there would be taken back at every restart.
 */
import { decodeTip, TIP_KEY } from '../../wire/store-layout.js';
import type { SimulatedDisk } from '../disk.js';
import type { Accuse } from '../violation.js';

/** Batches after which it must be there: one that was under way when it was told, and the one that gathered meanwhile. */
const BATCHES = 2;

interface DurableCommitOptions {
  /** Milliseconds after which it must be there, though nothing comes that would take it along. */
  readonly patienceMs: number;
  /** From when on nothing slows a replica or its disk any more; infinite where that never comes. */
  readonly quietFrom: number;
  readonly accuse: Accuse;
}

interface Told {
  readonly height: number;
  readonly at: number;
  /** How many batches were on the disk when it was told. */
  readonly batches: number;
}

/** Follows what each correct replica has told as committed until its disk's tip has reached it. */
export class DurableCommitChecker {
  readonly #options: DurableCommitOptions;
  /** By replica, lowest first; without what is on the disk. */
  readonly #told = new Map<number, Told[]>();

  constructor(options: DurableCommitOptions) {
    this.#options = options;
  }

  committed(replica: number, disk: SimulatedDisk, height: number, at: number): void {
    this.look(replica, disk, at);
    const told = this.#told.get(replica) ?? [];
    told.push({ height, at, batches: disk.batches });
    this.#told.set(replica, told);
  }

  /** Its life ends, before the crash takes what is under way: what is not on the disk by then may be told anew. */
  crashed(replica: number, disk: SimulatedDisk, at: number): void {
    this.look(replica, disk, at);
    this.#told.delete(replica);
  }

  /** Now and then: how far the disk is. */
  look(replica: number, disk: SimulatedDisk, now: number): void {
    const told = this.#told.get(replica) ?? [];
    const tip = tipOf(disk);
    while (told[0] !== undefined && told[0].height <= tip) told.shift();
    const [first] = told;
    if (first === undefined) return;
    const { accuse, patienceMs, quietFrom } = this.#options;
    const batches = disk.batches - first.batches;
    const waitedMs = now - Math.max(first.at, quietFrom);
    if (batches < BATCHES && waitedMs <= patienceMs) return;
    const later = batches < BATCHES ? `${Math.round(waitedMs)} ms` : `${batches} batches`;
    accuse(
      'S3',
      `replica ${replica} has told that it committed height ${first.height}, and ${later} later its disk says ${tip}`,
    );
    this.#told.delete(replica);
  }

  /** It begins a life at `height`. */
  recovered(replica: number, disk: SimulatedDisk, height: number): void {
    const tip = tipOf(disk);
    if (height >= tip) return;
    this.#options.accuse('S3', `replica ${replica} recovered height ${height}, and on its disk is ${tip}`);
  }
}

function tipOf(disk: SimulatedDisk): number {
  const tip = disk.entries.get(TIP_KEY);
  return (tip === undefined ? null : decodeTip(tip))?.height ?? 0;
}
