/** The faults of a case, as they strike replicas, disks, clocks and links. */
import type { CrashAtWrite, Fault, SimulationCase } from '../../src/simulation/case.js';
import type { SimulatedDisk } from '../../src/simulation/disk.js';
import type { SimulatedNetwork } from '../../src/simulation/network.js';
import { stream } from '../../src/simulation/random.js';
import type { Scheduler } from '../../src/simulation/scheduler.js';
import type { PeerMessage } from '../../src/wire/peer-messages.js';
import { CrashesAtFetch } from './crash-at-fetch.js';
import type { SimulatedReplica } from './simulated-replica.js';

interface StrikesOptions {
  readonly case: Pick<SimulationCase, 'seed' | 'dead'>;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly replicas: readonly SimulatedReplica[];
  /** Told of each fault, before it strikes. */
  readonly struck: (fault: Fault) => void;
}

/** Lets faults happen to a world, and counts those that found what they were to strike. */
export class Strikes {
  readonly #options: StrikesOptions;
  readonly #struck = new Map<Fault['type'], number>();
  /** What disks held once, to be put back later. */
  readonly #images = new Map<number, SimulatedDisk>();
  readonly #fetches: CrashesAtFetch;
  #healed = false;

  constructor(options: StrikesOptions) {
    this.#options = options;
    this.#fetches = new CrashesAtFetch({
      replicas: options.replicas,
      dead: options.case.dead,
      after: (delayMs, happen) => options.scheduler.after(delayMs, 'fault', happen),
      restart: (replica) => this.#restart(replica),
      struck: () => this.#count('crashAtFetch'),
    });
  }

  /** From now on those that are to stay down do, and what waits for its moment waits no more. */
  heal(): void {
    this.#healed = true;
    this.#fetches.disarm();
  }

  /** A replica has sent a message to a peer: a fault may have waited for it. */
  sent(from: number, message: PeerMessage): void {
    this.#fetches.sent(from, message);
  }

  /** How often each type of fault has struck. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck);
  }

  #count(type: Fault['type']): void {
    this.#struck.set(type, (this.#struck.get(type) ?? 0) + 1);
  }

  /** Whether the fault finds what it is to strike; those at a write or a fetch count when that comes. */
  #canStrike(fault: Fault): boolean {
    switch (fault.type) {
      case 'crashAtWrite':
      case 'crashAtFetch':
        return false;
      case 'restart':
        return !this.#replica(fault.replica).up;
      case 'crash':
      case 'pause':
      case 'resume':
      case 'slow':
      case 'clockRate':
      case 'clockJump':
        return this.#replica(fault.replica).up;
      default:
        return true;
    }
  }

  /** Lets a fault happen now. What cannot happen (the crash of a replica that is down) does nothing. */
  strike(fault: Fault): void {
    this.#options.struck(fault);
    if (this.#canStrike(fault)) this.#count(fault.type);
    switch (fault.type) {
      case 'crash':
        return this.#replica(fault.replica).crash(fault.loss);
      case 'crashAtWrite':
        return this.#replica(fault.replica).disk.atWrite(fault.write, () => this.#crashAtWrite(fault));
      case 'crashAtFetch':
        return this.#fetches.arm(fault);
      case 'restart':
        return this.#restart(this.#replica(fault.replica));
      case 'pause':
        return this.#replica(fault.replica).process?.pause();
      case 'resume':
        return this.#replica(fault.replica).process?.resume();
      case 'slow': {
        const { process } = this.#replica(fault.replica);
        if (process !== null) process.slowMs = fault.milliseconds;
        return;
      }
      case 'clockRate':
        return this.#replica(fault.replica).process?.setClockRate(fault.factor);
      case 'clockJump':
        return this.#replica(fault.replica).process?.jumpClock(fault.milliseconds);
      case 'cut':
      case 'join':
        for (const from of fault.from) {
          for (const to of fault.to)
            if (from !== to) this.#options.network.setLink(from, to, { cut: fault.type === 'cut' });
        }
        return;
      case 'break':
        return this.#options.network.breakConnections(fault.a, fault.b);
      case 'image':
        this.#images.set(
          fault.replica,
          this.#replica(fault.replica).disk.copy(stream(this.#options.case.seed, 'image')),
        );
        return;
      case 'rollback':
        return this.#rollBack(fault.replica);
      case 'link':
        return this.#options.network.setLink(fault.a, fault.b, fault.changes);
      case 'cutClient':
      case 'joinClient':
        for (const replica of fault.replicas) {
          const client = this.#options.replicas.length + fault.client;
          const changes = { cut: fault.type === 'cutClient' };
          this.#options.network.setLink(client, replica, changes);
          this.#options.network.setLink(replica, client, changes);
        }
        return;
      case 'links':
        return this.#options.network.setAll(fault.changes);
      case 'damage': {
        const replica = this.#replica(fault.replica);
        replica.crash('random');
        replica.disk.damage(fault.damage);
        return this.#restart(replica);
      }
      case 'disk': {
        const { disk } = this.#replica(fault.replica);
        disk.conditions = { ...disk.conditions, ...fault.changes };
      }
    }
  }

  #crashAtWrite({ replica, loss, earlier, everyone, downMs }: CrashAtWrite): void {
    this.#count('crashAtWrite');
    const struck = everyone ? this.#options.replicas : [this.#replica(replica)];
    for (const each of struck) each.crash(loss, earlier);
    this.#options.scheduler.after(downMs, 'fault', () => {
      for (const each of struck) this.#restart(each);
    });
  }

  /** A restart that was due before the healing does not wake those that stay down. */
  #restart(replica: SimulatedReplica): void {
    if (!this.#healed || !this.#options.case.dead.includes(replica.id)) replica.boot();
  }

  /** It wakes up with the disk of an earlier day, and has forgotten what it signed since. */
  #rollBack(id: number): void {
    const image = this.#images.get(id);
    if (image === undefined) return;
    const replica = this.#replica(id);
    replica.crash('before');
    replica.disk.restore(image);
    replica.boot();
  }

  #replica(id: number): SimulatedReplica {
    const replica = this.#options.replicas[id];
    if (replica === undefined) throw new RangeError(`the case names replica ${id} of ${this.#options.replicas.length}`);
    return replica;
  }
}
