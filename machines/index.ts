/** Statecharts: their definitions, and the tables that actors step through. */
export type { AnyChart, Chart, ChartStep, Region } from './chart.js';
export { type ActionOf, type ChartOf, compile, type EventOf, type StateOf } from './compile.js';
