import { argv } from 'node:process';
import { TicketMachine } from './machine.js';
import { told, trySeats } from './simulate.js';
import { WallClockTicketMachine } from './wall-clock-machine.js';

const seeds = Number(argv[2] ?? 10);
for (const [name, createMachine] of [
  ['tickets, counted in blocks', () => new TicketMachine()],
  ['tickets, by the wall clock', () => new WallClockTicketMachine()],
] as const) {
  console.log(told(name, await trySeats(createMachine, seeds)));
}
