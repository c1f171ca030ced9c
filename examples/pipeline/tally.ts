import type { Behaviour, Port, RuntimeEffect } from 'hotstuff/runtime';
import type { PipelineRoles, TallyMessage } from './roles.js';

/** Milliseconds from one report to the next. */
const REPORT_MS = 250;

/** What the tally knows when it reports. */
export interface Report {
  readonly type: 'report';
  /** Digests that came so far. */
  readonly digested: number;
  /** Those that did not come in the order of their texts. */
  readonly outOfOrder: number;
  /** How many texts there were; null until the last one has come. */
  readonly texts: number | null;
}

type Effect = RuntimeEffect<PipelineRoles, TallyMessage> | Report;

/** Counts digests, sees whether they are in order, and reports now and then, and at the end. */
export function createTally(): Behaviour<TallyMessage, Effect> {
  let digested = 0;
  let outOfOrder = 0;
  const report = (texts: number | null): Report => ({ type: 'report', digested, outOfOrder, texts });
  const later: Effect = { type: 'startTimer', timer: 'report', delayMs: REPORT_MS, message: { type: 'reportDue' } };
  return {
    receive: (message) => {
      switch (message.type) {
        case 'reportDue':
          return [report(null), later];
        case 'ended':
          return [{ type: 'cancelTimer', timer: 'report' }, report(message.texts)];
        case 'digested':
          if (message.index !== digested) outOfOrder += 1;
          digested += 1;
          return digested === 1 ? [later] : [];
      }
    },
    counters: () => ({ digested }),
  };
}

/** Hands each report to `show`. */
export function tallyPort(show: (report: Report) => void): () => Port<Report> {
  return () => ({ perform: show, close: async () => undefined });
}
