import test from 'ava';
import { TicketMachine } from '../../examples/tickets/machine.js';
import { told, trySeats } from '../../examples/tickets/simulate.js';
import { WallClockTicketMachine } from '../../examples/tickets/wall-clock-machine.js';

test('a machine that counts time in blocks passes the simulator', async (t) => {
  const report = await trySeats(() => new TicketMachine(), 4);
  t.is(report.failed, 0, told('tickets', report));
});

test('a machine that reads the wall clock is found by the simulator: replicas differ (S2)', async (t) => {
  const report = await trySeats(() => new WallClockTicketMachine(), 4);
  t.true(report.failed > 0);
  t.is(report.failures[0]?.outcome.violations[0]?.invariant, 'S2');
});
