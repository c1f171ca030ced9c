/** The machine of a benchmark of speculation, as a module, so that it has a thread to itself. */
import { Exchange } from '../examples/exchange/exchange.js';
import { seededOffers } from '../examples/exchange/offers.js';
import { BurningMachine } from './burning-machine.js';
import { MeasuredMachine } from './measured-machine.js';
import type { SpeculationSettings } from './speculation-settings.js';

/** Which machine, how dear its proposals are, and whose it is. */
export interface SpeculationMachineOptions extends Pick<SpeculationSettings, 'machine' | 'proposeMs' | 'rounds'> {
  /** Of the replica: each brings in offers of its own. */
  readonly id: number;
}

/** Offers of a batch, of which some 1650 trade and touch some 3300 holdings. */
const OFFERS = 4000;

/** Makes the machine that a replica of the benchmark runs. */
export function createMachine({ machine, proposeMs, rounds, id }: SpeculationMachineOptions): MeasuredMachine<unknown> {
  if (machine === 'burning') return new MeasuredMachine(new BurningMachine({ proposeMs }));
  const offers = seededOffers({ seed: id + 1, count: OFFERS });
  return new MeasuredMachine(new Exchange({ offers, rounds }));
}
