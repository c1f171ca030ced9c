import type { ProposalGeneratorEffect } from '../roles.js';
import type { MachineCall } from './execution-queue.js';

const TIMER = 'stopping';
/** What an application calls each call of the queue. */
const METHODS: Readonly<Record<MachineCall['type'], string>> = {
  executeBlock: 'execute',
  buildProposal: 'propose',
  commitProposal: 'commit',
  rewindMachine: 'rewind',
  hashState: 'stateHash',
};

/**
 * What a replica that stops waits for: the machine's running call, each for so many milliseconds. A promise of the
 * application's that never settles would keep the replica, its ports and its store open for ever.
 */
export class StoppingCall {
  readonly #patienceMs: number;
  #running: MachineCall | null = null;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Takes note of the call that runs now, null for none; returns what is to be done about the timer, if anything. */
  watch(running: MachineCall | null): ProposalGeneratorEffect | null {
    if (running === this.#running) return null;
    this.#running = running;
    if (running === null) return { type: 'cancelTimer', timer: TIMER };
    return { type: 'startTimer', timer: TIMER, delayMs: this.#patienceMs, message: { type: 'machineOverdue' } };
  }

  /** Says what is wrong when the time is over. */
  overdue(): string | null {
    if (this.#running === null) return null;
    const method = METHODS[this.#running.type];
    return `the machine's ${method} has not come back for ${this.#patienceMs} ms while the replica stops: its promise must settle`;
  }
}
