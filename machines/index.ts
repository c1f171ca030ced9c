/**
 * Statecharts (`hotstuff/machines`): their definitions in xstate, for its own tools; the tables that actors step through;
 * and outlines and pictures of both.
 * @module hotstuff/machines
 */
export { blockMachine } from './block.machine.js';
export { machines } from './catalogue.js';
export type { AnyChart, Chart, ChartStep, Region } from './chart.js';
export { type ActionOf, type ChartOf, compile, type EventOf, type StateOf } from './compile.js';
export { connectionMachine } from './connection.machine.js';
export {
  type ChartDescription,
  describe,
  type NamedMachine,
  type StateDescription,
  type TransitionDescription,
} from './description.js';
export { manualPacemakerMachine } from './manual-pacemaker.machine.js';
export { mermaidOf } from './mermaid.js';
export { outlineOf } from './outline.js';
export { pacemakerMachine } from './pacemaker.machine.js';
export { proposalGeneratorMachine } from './proposal-generator.machine.js';
export { replicaMachine } from './replica.machine.js';
export { storageMachine } from './storage.machine.js';
export { syncMachine } from './sync.machine.js';
