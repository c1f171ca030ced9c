import { TicketMachine } from './machine.js';

const HELD_MS = 2000;

/**
 * The same with a bug on purpose: it asks the machine's own clock, which every replica reads at another moment, so that
 * replicas hold one seat until different times, and in the end for different people. On one machine, and in a unit test, it
 * looks right.
 */
export class WallClockTicketMachine extends TicketMachine {
  protected override readonly holdsFor = HELD_MS;

  protected override now(): number {
    // biome-ignore lint/style/noRestrictedGlobals: this is the bug that the simulator is to find
    return Date.now();
  }
}
