/** Prints the trace hash of each seed, for a test that compares them with those of its own process. */
import { caseOf, replay } from '../../actors/simulate.js';

const [events, ...seeds] = process.argv.slice(2).map(Number);
for (const seed of seeds) {
  const { traceHash } = await replay(caseOf('vopr', seed, { eventsMax: events as number }));
  process.stdout.write(`${traceHash}\n`);
}
