/** The bounds that the network actor keeps; `limits` of src/config holds a value for each, and says why. */
import type { Allowance, CommandBound } from './receive-credit.js';
import type { LaneBound } from './send-lanes.js';
import type { TrafficClass } from './traffic.js';

/** The bounds of network. */
export interface NetworkLimits {
  readonly peerCredit: Readonly<Record<TrafficClass, Allowance>>;
  readonly peerCreditWindowMs: number;
  readonly peerWindowBytes: number;
  readonly strayProposals: Allowance;
  readonly peerPoolCommands: number;
  readonly peerWindowCommands: number;
  readonly peerHeldCommands: CommandBound;
  readonly peerSessions: number;
  readonly sessionQuotaWindowMs: number;
  readonly keepalivesPerWindow: number;
  readonly openFetchRequests: number;
  readonly peerSendLanes: Readonly<Record<TrafficClass, LaneBound>>;
  readonly sendWindowBytes: number;
  readonly heldBytes: number;
  readonly messageBytes: number;
  readonly openMessages: number;
  readonly reassemblyBytes: number;
  readonly strangersPerAddress: number;
  readonly greetingMs: number;
  readonly flushMs: number;
  readonly keepaliveMs: number;
  readonly silenceMs: number;
  readonly redialFirstMs: number;
  readonly redialLastMs: number;
  readonly banMs: number;
}
