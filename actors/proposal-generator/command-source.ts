import { limits } from '../../src/config/limits.js';
import { FairQueue } from './fair-queue.js';
import { type PendingCommand, type Space, sizeOf } from './pending-command.js';
import { SharedRoom } from './shared-room.js';

/** What is taken from one source, and from one client of it, before it is another's turn. */
const QUANTUM: Space = { commands: limits.turnCommands, bytes: limits.turnBytes };

/**
 * The pending commands of one source: the space they take, those of them that wait, and how much of the present body is
 * theirs. Its addresses and their clients are served in turn.
 */
export class CommandSource {
  /** The part of a body that it may fill: 1 is a whole one. */
  readonly #share: number;
  readonly #queue = new FairQueue();
  readonly #commands: SharedRoom;
  readonly #bytes: SharedRoom;
  readonly #waiting = { commands: 0, bytes: 0 };
  #bodyLeft: Space = { commands: 0, bytes: 0 };

  /** `byAddress`: whether the addresses share the space, none of which is to fill it; else it is anyone's. */
  constructor(options: { space: Space; share: number; byAddress: boolean }) {
    const { space, share, byAddress } = options;
    this.#commands = new SharedRoom(space.commands, { byAddress });
    this.#bytes = new SharedRoom(space.bytes, { byAddress });
    this.#share = share;
  }

  hasRoomFor(address: string, bytes: number): boolean {
    return this.#commands.hasRoomFor(address, 1) && this.#bytes.hasRoomFor(address, bytes);
  }

  /** Takes in a command, which has a place in the queue only while it waits. */
  hold({ address, command }: PendingCommand): void {
    this.#commands.take(address, 1);
    this.#bytes.take(address, sizeOf(command));
  }

  /** Lets go of a command that was executed or replaced: its space is free again. */
  letGo({ address, command }: PendingCommand): void {
    this.#commands.giveBack(address, 1);
    this.#bytes.giveBack(address, sizeOf(command));
  }

  join(pending: PendingCommand): void {
    this.#queue.add(pending);
    this.#waiting.commands += 1;
    this.#waiting.bytes += sizeOf(pending.command);
  }

  leave(pending: PendingCommand): void {
    this.#waiting.commands -= 1;
    this.#waiting.bytes -= sizeOf(pending.command);
    this.#queue.left(pending);
  }

  /** How much of what waits the next body may hold. */
  servable(body: Space): Space {
    const { commands, bytes } = this.#shareOf(body);
    return { commands: Math.min(this.#waiting.commands, commands), bytes: Math.min(this.#waiting.bytes, bytes) };
  }

  beginBody(body: Space): void {
    this.#bodyLeft = this.#shareOf(body);
  }

  /** Whether nothing of it waits, or its share of the present body is full. */
  get isServed(): boolean {
    return this.#waiting.commands === 0 || this.#bodyLeft.commands <= 0 || this.#bodyLeft.bytes <= 0;
  }

  /** Serves one client for one turn; false when a command was refused. See {@link FairQueue.serve}. */
  serve(take: (pending: PendingCommand) => boolean): boolean {
    const { commands, bytes } = this.#bodyLeft;
    const quantum = { commands: Math.min(commands, QUANTUM.commands), bytes: Math.min(bytes, QUANTUM.bytes) };
    const served = this.#queue.serve(quantum, take);
    this.#bodyLeft = { commands: commands - served.commands, bytes: bytes - served.bytes };
    return !served.refused;
  }

  /** What one body of a bound may hold of this source; the last command may exceed the bytes. */
  #shareOf(body: Space): Space {
    return {
      commands: Math.max(1, Math.floor(body.commands * this.#share)),
      bytes: Math.max(1, Math.floor(body.bytes * this.#share)),
    };
  }
}
