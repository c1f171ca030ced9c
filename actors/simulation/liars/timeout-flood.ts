import { asTenure, asView, NUMBER_MAX, type Tenure } from '../../../src/protocol/numbers.js';
import { tenureOf } from '../../../src/protocol/tenure.js';
import { genesisQc } from '../../../src/wire/block.js';
import type { MakeStrategy } from './liar.js';

/** Timeouts at once, some of which are more than anybody verifies of one peer in a tenth of the base timeout. */
const BURST = 20;
/** Bursts of one life. */
const BURSTS = 20;
/** Base timeouts between two. */
const PACE = [0.5, 3] as const;

/** It gives up one tenure after the other, long before anybody is there: each Timeout is new, and each is signed as it should be. */
export const timeoutFlood: MakeStrategy = (liar) => {
  const { cluster, random, pen, peers } = liar;
  const highQc = genesisQc(cluster.clusterId);
  const last = Math.floor(NUMBER_MAX / cluster.tenureLength) - 1;
  let next = 0;

  function burst(left: number): void {
    if (left === 0) return;
    liar.fired();
    for (let sent = 0; sent < BURST; sent += 1) {
      for (const peer of peers) liar.tell(peer, { type: 'timeout', timeout: pen.timeout(take(), highQc) });
    }
    liar.later(cluster.baseTimeoutMs * random.between(...PACE), () => burst(left - 1));
  }

  function take(): Tenure {
    next = Math.min(last, next + 1);
    return asTenure(next);
  }

  return {
    begin: () => liar.later(cluster.baseTimeoutMs * random.between(...PACE), () => burst(BURSTS)),
    incoming: (_from, message) => {
      if (message.type !== 'proposal') return true;
      const { view } = message.proposal.block.header;
      next = Math.max(next, tenureOf(asView(view), cluster.tenureLength));
      return true;
    },
  };
};
